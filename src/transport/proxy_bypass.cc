#include "proxy_bypass.h"

#include <algorithm>
#include <string_view>

#include "offloader/base/ascii.h"

namespace offloader::transport {

bool bypasses_proxy(const std::string& no_proxy, const std::string& host) {
  const std::string name = ascii::to_lower(host);
  for (std::size_t at = 0; at < no_proxy.size();) {
    const std::size_t end = std::min(no_proxy.find_first_of(", ", at), no_proxy.size());
    std::string entry = ascii::to_lower(std::string_view(no_proxy).substr(at, end - at));
    at = end + 1;
    if (entry == "*") return true;
    if (const std::size_t colon = entry.find(':'); colon != std::string::npos && entry.rfind(':') == colon) {
      entry.resize(colon);
    }
    if (entry.starts_with('.')) entry.erase(0, 1);
    if (entry.empty()) continue;
    if (name == entry || name.ends_with("." + entry)) return true;
  }
  return false;
}

}  // namespace offloader::transport
