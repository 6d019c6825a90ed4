#pragma once

#include <string>
#include <string_view>

namespace offloader {

// Returns `text` with the query of every http:// and https:// URL replaced by `?…`. The query of a presigned
// URL is a credential, in parameters whose names differ by service. Use it for everything shown, logged or
// stored. Object keys and file names with a `?` are not URLs and stay. Pure; the time is linear in the text.
[[nodiscard]] std::string without_url_queries(std::string_view text);

// Returns `location`, a single URL or other name, without its query. The query of an object key is cut only
// if it contains a signature.
[[nodiscard]] std::string without_query(std::string_view location);

}  // namespace offloader
