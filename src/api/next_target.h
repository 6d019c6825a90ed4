#pragma once

#include <string>
#include <string_view>

namespace offloader::api {

// A target with which a request line surely has at most its 8 KiB (consumer-api.md).
inline constexpr std::size_t kMostTarget = (8 << 10) - 64;

// Returns the target of the next page up to the value of the param that says where it begins, `cursor` or
// `offset`: the target without either, and `cursor=` at its end. It can stand between `<` and `>` of a Link.
// Pure.
[[nodiscard]] std::string next_target(std::string_view target, std::string_view param);

}  // namespace offloader::api
