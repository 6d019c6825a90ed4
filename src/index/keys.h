#pragma once

#include <optional>
#include <span>
#include <vector>

#include "offloader/index/lookup.h"

namespace offloader::index {

// The largest dictionary whose texts are searched for `contains`, in bytes. A lookup runs on the thread that
// read the request and must take microseconds.
inline constexpr std::uint64_t kSearchedBytes = 16U << 10;

// The keys that match a comparison of the column with a value, as a single interval.
struct KeyInterval {
  Interval keys{};
  bool empty = false;
};

// Returns the keys that match a comparison other than `ne`. Allocates nothing. Returns nullopt if the value
// is not of the column's type, and for JSON.
[[nodiscard]] std::optional<KeyInterval> keys_of_comparison(const Column& column,
                                                            query::Comparison comparison,
                                                            const query::Value& value);

// Sets `keys` to the keys that match any test: intervals that ascend and have gaps between them. `list` is
// that of Among. `offset` is that of the zone whose days the test compares, in microseconds. Returns false if
// the index cannot answer the test.
[[nodiscard]] bool keys_of_test(const Column& column, const query::Test& test, const query::Value& value,
                                const query::ValueList* list, std::int64_t offset,
                                std::vector<Interval>& keys);

// Sorts intervals and joins those that overlap or touch.
void join_intervals(std::vector<Interval>& keys);

// Returns the keys that are in both. Both ascend and have gaps between their intervals.
[[nodiscard]] std::vector<Interval> common_keys(std::span<const Interval> a, std::span<const Interval> b);

}  // namespace offloader::index
