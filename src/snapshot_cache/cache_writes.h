#pragma once

#include <string_view>

#include "offloader/base/result.h"

namespace offloader::snapshot_cache {

// Replaces the message of a failed write by one that tells an operator what to do, and keeps the detail. The
// code becomes `no_space` or `unavailable`.
[[nodiscard]] tl::unexpected<Error> cannot_write(const Error& error);
// Passes a success on, and an error through cannot_write().
[[nodiscard]] Result<void> done_or_said(Result<void> result);

// The kinds of marks. A mark's file is `marks/{dataset}.{kind}.json`.
inline constexpr std::string_view kQuarantineMark = "quarantine";
inline constexpr std::string_view kBuildingMark = "building";
inline constexpr std::string_view kDiedMark = "died";
// Whether `name` is the file name of a mark.
[[nodiscard]] bool is_mark(std::string_view name);

}  // namespace offloader::snapshot_cache
