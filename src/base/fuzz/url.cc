// Parses a URL and its own output again: the URL that was checked must be the URL that is requested.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "offloader/base/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto url = offloader::parse_url(text);
  if (!url) return 0;
  const auto again = offloader::parse_url(url->text());
  if (!again || again->text() != url->text() || again->origin() != url->origin()) std::abort();
  const auto origin = offloader::parse_url(url->origin());
  if (!origin || origin->host != url->host || origin->connect_port() != url->connect_port()) std::abort();
  const auto comparable = offloader::parse_url(url->comparable());
  if (!comparable || comparable->comparable() != url->comparable()) std::abort();
  return 0;
}
