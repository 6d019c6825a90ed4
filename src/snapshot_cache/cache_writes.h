#pragma once

#include <string_view>

#include "offloader/base/result.h"

namespace offloader::snapshot_cache {

// What an operator can do about a cache folder that cannot be written. Keeps the detail.
[[nodiscard]] tl::unexpected<Error> cannot_write(const Error& error);
[[nodiscard]] Result<void> done_or_said(Result<void> result);

// Kinds of marks, each the middle of a file's name: `marks/{dataset}.{kind}.json`.
inline constexpr std::string_view kQuarantineMark = "quarantine";
inline constexpr std::string_view kBuildingMark = "building";
inline constexpr std::string_view kDiedMark = "died";
// Whether a file of `marks/` is one of them, by its name.
[[nodiscard]] bool is_mark(std::string_view name);

}  // namespace offloader::snapshot_cache
