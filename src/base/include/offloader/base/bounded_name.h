#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace offloader {

inline constexpr std::size_t kMostName = 256;  // bytes

// Returns a name that callers choose, or the beginning of a longer one with a part of its hash, made in
// `buffer`. Every place that keeps such names bounds them so: the same name has the same form in all of them.
[[nodiscard]] std::string_view bounded_name(std::string_view name, std::string& buffer);

}  // namespace offloader
