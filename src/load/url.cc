#include <charconv>

#include "offloader/load/load.h"

namespace offloader::load {

Result<Url> parse_url(const std::string& text) {
  constexpr std::string_view kScheme = "http://";
  if (text.starts_with("https://")) {
    return fail(ErrorCode::invalid_param,
                "https is not measured: it would measure the client's TLS; name the server behind the proxy");
  }
  if (!text.starts_with(kScheme)) return fail(ErrorCode::invalid_param, "a URL starts with http://: " + text);
  const std::string rest = text.substr(kScheme.size());
  const std::size_t slash = rest.find_first_of("/?");
  const std::string authority = rest.substr(0, slash);
  Url url;
  if (slash != std::string::npos) url.target = rest.substr(slash);
  if (url.target.front() == '?') url.target.insert(0, "/");
  url.target.erase(std::min(url.target.find('#'), url.target.size()));
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ') return fail(ErrorCode::invalid_param, "a URL holds no spaces");
  }
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string::npos ? 0 : bracket);
  url.host = authority.substr(0, colon);
  if (bracket != std::string::npos && url.host.size() > 2 && url.host.front() == '[')
    url.host = url.host.substr(1, url.host.size() - 2);
  if (url.host.empty() || authority.find('@') != std::string::npos)
    return fail(ErrorCode::invalid_param, "a URL names its host, and no user: " + text);
  if (colon != std::string::npos) {
    const char* end = authority.data() + authority.size();
    const auto [at, error] = std::from_chars(authority.data() + colon + 1, end, url.port);
    if (error != std::errc{} || at != end || url.port == 0)
      return fail(ErrorCode::invalid_param, "a port is 1 to 65535: " + text);
  }
  return url;
}

}  // namespace offloader::load
