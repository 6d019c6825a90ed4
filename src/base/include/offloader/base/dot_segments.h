#pragma once

#include <string_view>

namespace offloader {

// Whether a path has a segment `.` or `..`, as it is written or as a server may see it after decoding
// percent-escapes (`%2e`, `%2f`). Stores disagree on what such a path names, so that none is asked.
[[nodiscard]] bool has_dot_segments(std::string_view path);

}  // namespace offloader
