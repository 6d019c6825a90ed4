#pragma once

#include <string_view>

namespace offloader {

// Returns true if `path` has a segment `.` or `..`, either literally or after percent-decoding (`%2e`,
// `%2f`). Object stores disagree on what such a path names, so callers reject it.
[[nodiscard]] bool has_dot_segments(std::string_view path);

}  // namespace offloader
