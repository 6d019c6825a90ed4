#pragma once

#include <array>
#include <cstdint>

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

// Matches rows whose key is in [low, high]. The interval never contains the null key.
struct Predicate {
  const Column* column = nullptr;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
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
  std::size_t fixed_count = 0;
  std::array<const Column*, kMaxPredicates> fixed{};  // columns that the conditions restrict to one key

  [[nodiscard]] bool is_fixed(const Column* column) const {
    for (std::size_t i = 0; i < fixed_count; ++i) {
      if (fixed[i] == column) return true;
    }
    return false;
  }
};

// Resolves the conditions of a plan. Takes microseconds and allocates nothing. Any thread. Never fails: the
// result is unsupported if the index lacks a column of the plan, if the plan groups or aggregates JSON, if a
// condition is on a JSON column, if a value is not of its column's type, or if there are conditions on more
// than kMaxPredicates columns.
[[nodiscard]] Lookup look_up(const query::Plan& plan, const Reader& reader,
                             const Thresholds& thresholds = {});

}  // namespace offloader::index
