#pragma once

#include <optional>
#include <string>
#include <string_view>

// Origins: the places that data may come from, `s3://bucket`, `gs://bucket`, `https://host[:port]` or
// `http://host[:port]` (project-files.md, object-stores.md). Pure.
namespace offloader::catalog {

// Returns an `allowed_origins` entry in canonical form: scheme and host in lower case, `gcs` as `gs`, no
// default port, no trailing slash. Returns nullopt if it is not an origin (has a path, a query, a user or
// another scheme).
[[nodiscard]] std::optional<std::string> normalize_origin(std::string_view text);

// Returns the canonical origin of a URL with a path, or nullopt if `url` is not such a URL.
[[nodiscard]] std::optional<std::string> origin_of_url(std::string_view url);

}  // namespace offloader::catalog
