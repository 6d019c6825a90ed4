#pragma once

#include <cstdint>
#include <string_view>

#include "offloader/index/run_directory.h"

namespace offloader::index {

// Returns the rows of `range` whose order key is in [low, high]. Requires: `range` is sorted by the column.
// Each step of a binary search waits for a cache miss. The search therefore starts where the key would be if
// keys were spread evenly, as dates and sequential numbers are.
[[nodiscard]] Range rows_between(const Column& column, Range range, std::uint64_t low, std::uint64_t high);

// Returns the runs of `runs` whose key is in [low, high]. Requires: `runs` belong to one key of the first
// sort column.
[[nodiscard]] Range runs_between(const RunDirectory& directory, Range runs, std::uint64_t low,
                                 std::uint64_t high);

// Returns the first code of the column's dictionary whose text is not less than `text`, or the number of
// texts if there is none. Each thread caches the codes of its last few thousand texts, which are mostly
// tenants. A cached code is only a hint and is verified against the dictionary.
[[nodiscard]] std::uint64_t lower_code(const Column& column, std::string_view text);

}  // namespace offloader::index
