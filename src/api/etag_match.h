#pragma once

#include <string_view>

namespace offloader::api {

// Returns whether an If-None-Match header matches `etag` (`W/"…"`) by weak comparison. The header is `*` or a
// list of entity tags with optional `W/` (RFC 9110, 13.1.2). Some proxies append the coding that they applied
// (`-gzip`) to a tag; such a tag still matches. Parsing stops at the first malformed member, and the rest of
// the list matches nothing.
[[nodiscard]] bool etag_matches(std::string_view if_none_match, std::string_view etag);

}  // namespace offloader::api
