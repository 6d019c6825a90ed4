#include "offloader/transport/http_date.h"

#include <time.h>

namespace offloader::transport {

std::optional<SystemTime> parse_http_date(const std::string& text) {
  std::tm parts{};
  const char* const end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return SystemTime(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace offloader::transport
