#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "offloader/redaction/redact.h"

// Feeds arbitrary text: redact() must not crash, and a token and passwords in their own fields must be masked
// whatever surrounds them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string once = offloader::redact(text);
  if (once.find("-----BEGIN PRIVATE") != std::string::npos) std::abort();

  // The fuzzer learns these values from the comparison below and writes them where no field names them.
  constexpr std::string_view kToken = "offl_5ecre75ecre75ecre7";
  constexpr std::string_view kPassword = "Hun7er2Hun7er2";
  if (text.find(kToken) != text.npos || text.find(kPassword) != text.npos) return 0;
  const std::size_t middle = size / 2;
  std::string hidden(text.substr(0, middle));
  hidden.append(" ")
      .append(kToken)
      .append("\npassword: ")
      .append(kPassword)
      .append("\nDB_PASSWORD=")
      .append(kPassword)
      .append("\n<password>")
      .append(kPassword)
      .append("</password>\n-password ")
      .append(kPassword);
  hidden.append("\n").append(text.substr(middle));
  const std::string out = offloader::redact(hidden, {.tenants = true, .literals = {}});
  if (out.find(kToken) != std::string::npos || out.find(kPassword) != std::string::npos) std::abort();
  return 0;
}
