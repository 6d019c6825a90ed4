#pragma once

#include <optional>
#include <string>
#include <string_view>

// Origins, the places that data may come from: `s3://bucket`, `gs://bucket`, `https://host[:port]`,
// `http://host[:port]` (project-files.md, object-stores.md). Pure.
namespace offloader::catalog {

// An `allowed_origins` entry in its one spelling: scheme and host in lower case, `gcs` as `gs`, no default
// port, no slash at the end. Nothing when it is not an origin (a path, a query, a user, another scheme).
[[nodiscard]] std::optional<std::string> normalize_origin(std::string_view text);

// The normalized origin of a URL with a path; nothing when it is not such a URL.
[[nodiscard]] std::optional<std::string> origin_of_url(std::string_view url);

}  // namespace offloader::catalog
