#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "offloader/index/reader.h"
#include "offloader/index/thresholds.h"
#include "offloader/query/plan.h"

namespace offloader::index {

// Where a plan should run.
enum class Cost {
  immediate,  // on the thread that read the request: it takes microseconds
  pool,       // in the index, on a read-pool thread
  duckdb,     // in DuckDB: it is no slower, or the index cannot answer
};

// The keys from `low` to `high`, both included.
struct Interval {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

// Matches rows whose key is in [low, high] and, if `pieces` is not 0, in one of so many intervals. The null
// key is above all others.
struct Predicate {
  const Column* column = nullptr;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint32_t first_piece = 0;  // in Lookup::pieces; they ascend and have gaps between them
  std::uint32_t pieces = 0;
  std::uint32_t members = 0;  // 1 + where in Lookup::members the keys from `low` on are marked; 0: nowhere
};

// A plan's conditions resolved against one reader: the rows of [begin, end) that match all predicates.
// Within the range the first `fixed_sort_columns` sort columns have one value each, and the rows are sorted
// by the remaining ones. Points into the reader, which must outlive it.
struct Lookup {
  static constexpr std::size_t kMaxPredicates = 16;

  bool supported = false;
  Cost cost = Cost::duckdb;
  std::uint64_t rows = 0;  // an upper bound of the rows to read
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::size_t fixed_sort_columns = 0;
  // If `in_runs`, the range consists of exactly these runs of the reader's run directory.
  bool in_runs = false;
  Range runs;
  std::size_t predicate_count = 0;
  std::array<Predicate, kMaxPredicates> predicates{};
  // Of each group of alternatives, a row must match at least one. They are on different columns. `any_ends`
  // has the end of each group in `any`.
  std::vector<Predicate> any{};
  std::vector<std::size_t> any_ends{};
  // For predicates with several intervals. Empty, and not allocated, if there are none.
  std::vector<Interval> pieces{};
  std::vector<std::uint8_t> members{};  // 1 for each key that matches
  std::size_t fixed_count = 0;
  std::array<const Column*, kMaxPredicates> fixed{};  // columns that the conditions restrict to one key
  // What the rows of each aggregate with conditions of its own must match, in the order of the projections.
  // Only their predicates are used; if no row matches, their `end` is 0.
  std::vector<Lookup> where{};

  // Whether rows of the range may not match.
  [[nodiscard]] bool filters_rows() const { return predicate_count != 0 || !any_ends.empty(); }
  [[nodiscard]] bool is_fixed(const Column* column) const {
    for (std::size_t i = 0; i < fixed_count; ++i) {
      if (fixed[i] == column) return true;
    }
    return false;
  }
};

// Resolves the conditions of a plan. Takes microseconds; allocates nothing if all conditions are comparisons
// other than `ne`. Any thread. Never fails: the result is unsupported if the index lacks a column of the
// plan, if the plan groups or aggregates JSON or has a median or a quantile, for buckets of a zone whose
// offset changes, for buckets of rows that are not grouped, for `fill` beside other group columns, if a
// condition is on a JSON column, if a value is not of its column's type, if there are conditions on more than
// kMaxPredicates columns, for `icontains`, and for `contains` in a large dictionary.
[[nodiscard]] Lookup look_up(const query::Plan& plan, const Reader& reader,
                             const Thresholds& thresholds = {});

// Returns the same for the plan's page. For endpoints with cursors, the range is cut to the page as far as
// the rows are stored in its order. Also unsupported if groups go on after keys, or if a key is not of its
// column's type. Not for count_rows().
[[nodiscard]] Lookup look_up_page(const query::Plan& plan, const Reader& reader,
                                  const Thresholds& thresholds = {});

}  // namespace offloader::index
