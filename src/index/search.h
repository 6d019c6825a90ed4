#pragma once

#include <cstdint>
#include <string_view>

#include "offloader/index/run_directory.h"

namespace offloader::index {

// Of the rows in `range`, which are sorted by the column, those whose order key is from `low` to `high`. A
// search steps through memory that is in no cache, and each step waits for the one before: so the first one
// goes to where the key would be if keys were spread evenly, as days and numbered things are.
[[nodiscard]] Range rows_between(const Column& column, Range range, std::uint64_t low, std::uint64_t high);

// The same among the runs [begin, end) of one key of the first sort column: those whose key is from `low` to
// `high`.
[[nodiscard]] Range runs_between(const RunDirectory& directory, Range runs, std::uint64_t low,
                                 std::uint64_t high);

// The first code of the column's dictionary whose text is not below `text`; the number of texts when all are.
// Each thread remembers where it found its last few thousand texts, tenants above all, and looks there first.
// What it remembers is only a guess that the dictionary then confirms or not.
[[nodiscard]] std::uint64_t lower_code(const Column& column, std::string_view text);

}  // namespace offloader::index
