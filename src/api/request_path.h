#pragma once

#include <string>
#include <string_view>

namespace offloader::api {

// A request's path as it is routed: percent-encoded unreserved characters decoded, since RFC 3986, 6.2.2.2
// calls both forms equivalent, and without one slash at the end. Every other encoding stays as it is, so that
// `%2F` is never a slash, nor part of any name. The result points into `path` or `decoded`.
[[nodiscard]] std::string_view routed_path(std::string_view path, std::string& decoded);

}  // namespace offloader::api
