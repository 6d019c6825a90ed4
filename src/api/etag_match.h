#pragma once

#include <string_view>

namespace offloader::api {

// Whether an If-None-Match header matches `etag` (`W/"…"`) by weak comparison: a list of entity tags, `W/`
// optional, or `*` (RFC 9110, 13.1.2). A tag to which a proxy has appended the coding that it applied
// (`-gzip`) matches like the tag itself. A malformed rest of the list matches nothing.
[[nodiscard]] bool etag_matches(std::string_view if_none_match, std::string_view etag);

}  // namespace offloader::api
