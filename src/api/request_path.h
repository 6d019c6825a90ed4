#pragma once

#include <string>
#include <string_view>

namespace offloader::api {

// Returns a request's path in the form used for routing: percent-encoded unreserved characters are decoded,
// because RFC 3986, 6.2.2.2 calls both forms equivalent, and one trailing slash is removed. Every other
// encoding stays as it is, so that `%2F` is neither a slash nor part of a name. The result points into `path`
// or `decoded`.
[[nodiscard]] std::string_view routed_path(std::string_view path, std::string& decoded);

}  // namespace offloader::api
