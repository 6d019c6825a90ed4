#include "offloader/load/load.h"

namespace offloader::load {

Result<Url> parse_server_url(const std::string& text) {
  auto url = parse_url(text);
  if (!url) return fail(ErrorCode::invalid_param, url.error().message + ": " + text);
  if (url->scheme == Url::Scheme::https) {
    return fail(ErrorCode::invalid_param,
                "https is not measured: it would measure the client's TLS; name the server behind the proxy");
  }
  if (url->scheme != Url::Scheme::http)
    return fail(ErrorCode::invalid_param, "a URL starts with http://: " + text);
  return url;
}

}  // namespace offloader::load
