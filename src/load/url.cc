#include "offloader/load/load.h"

namespace offloader::load {

Result<Url> parse_server_url(const std::string& text) {
  auto url = parse_url(text);
  if (!url && !text.starts_with("http://"))
    return fail(ErrorCode::invalid_param,
                "Invalid URL \"" + text + "\". Use a URL that starts with http://.");
  if (!url) return fail(ErrorCode::invalid_param, "Invalid URL \"" + text + "\": " + url.error().message);
  if (url->scheme == Url::Scheme::https) {
    return fail(
        ErrorCode::invalid_param,
        "https:// is not supported, because the load generator's own TLS would limit the result. Use the "
        "http:// address of the server behind the proxy.");
  }
  if (url->scheme != Url::Scheme::http)
    return fail(ErrorCode::invalid_param,
                "Invalid URL \"" + text + "\". Use a URL that starts with http://.");
  return url;
}

}  // namespace offloader::load
