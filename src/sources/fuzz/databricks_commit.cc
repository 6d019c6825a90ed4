#include "databricks_commit.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// Whatever the bucket contains, every returned name must refer to an object in the commit's own folder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto names = offloader::sources::parse_databricks_commit({reinterpret_cast<const char*>(data), size});
  if (!names) return 0;
  for (const std::string& name : *names) {
    if (name.empty() || name == ".." || name.find('/') != std::string::npos) std::abort();
  }
  return 0;
}
