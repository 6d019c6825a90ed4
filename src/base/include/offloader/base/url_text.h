#pragma once

#include <string>
#include <string_view>

namespace offloader {

// `text` with the query of every http:// and https:// URL in it as `?…`: in a presigned URL it is a
// credential, under names that each service makes up. For whatever is shown, logged or stored. Object keys
// and file names with a `?` are no URLs and stay. Pure; time linear in the text.
[[nodiscard]] std::string without_url_queries(std::string_view text);

// The same of a text that is one URL, or another name: the query is cut off. Of an object's key only a query
// that holds a signature.
[[nodiscard]] std::string without_query(std::string_view location);

}  // namespace offloader
