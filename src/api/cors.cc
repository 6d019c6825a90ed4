#include "cors.h"

#include <algorithm>

#include "offloader/http/message.h"

namespace offloader::api {

Cors::Cors(std::vector<std::string> origins)
    : origins_(std::move(origins)),
      enabled_(!origins_.empty()),
      any_(std::find(origins_.begin(), origins_.end(), "*") != origins_.end()) {}

bool Cors::allows(std::optional<std::string_view> origin) const {
  return enabled_ &&
         (any_ || (origin && std::find(origins_.begin(), origins_.end(), *origin) != origins_.end()));
}

void Cors::append_origin(std::string& headers, std::string_view origin) const {
  if (any_) {
    headers.append("access-control-allow-origin: *\r\n");
    return;
  }
  http::append_header(headers, "access-control-allow-origin", origin);
  headers.append("access-control-allow-credentials: true\r\n");
}

void Cors::append(std::string& headers, std::optional<std::string_view> origin) const {
  if (!allows(origin)) return;
  append_origin(headers, origin.value_or(std::string_view{}));
  headers.append(
      "access-control-expose-headers: etag, x-request-id, retry-after, link, content-disposition, "
      "ratelimit, ratelimit-policy, offloader-snapshot, offloader-watermark, offloader-stale, "
      "offloader-has-more\r\n");
}

void Cors::append_preflight(std::string& headers, std::optional<std::string_view> origin) const {
  if (!allows(origin)) return;
  append_origin(headers, origin.value_or(std::string_view{}));
  headers.append(
      "access-control-allow-methods: GET, HEAD, POST, OPTIONS\r\n"
      "access-control-allow-headers: authorization, content-type, if-none-match, x-request-id\r\n"
      "access-control-max-age: 600\r\n");
}

}  // namespace offloader::api
