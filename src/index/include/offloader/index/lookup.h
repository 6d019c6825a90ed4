#pragma once

#include <array>
#include <cstdint>

#include "offloader/index/reader.h"
#include "offloader/index/thresholds.h"
#include "offloader/query/plan.h"

namespace offloader::index {

// Where a plan's work should be done.
enum class Cost {
  immediate,  // microseconds: on the thread that read the request
  pool,       // a read-pool thread
  duckdb,     // DuckDB is no slower, or the index cannot answer
};

struct Predicate {
  const Column* column = nullptr;
  std::uint64_t low = 0;   // keys from here…
  std::uint64_t high = 0;  // …to here, never a null's
};

// A plan's conditions, looked up: rows [begin, end), of which those count that meet the predicates. Within
// the range the rows are in the order of the reader's sort columns from `fixed_sort_columns` on; the ones
// before have one value each. Points into the reader, which must outlive it.
struct Lookup {
  static constexpr std::size_t kMaxPredicates = 16;

  bool supported = false;
  Cost cost = Cost::duckdb;
  std::uint64_t rows = 0;  // to touch at most
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::size_t fixed_sort_columns = 0;
  // When `in_runs`, the rows are all of these runs of the reader's run directory.
  bool in_runs = false;
  Range runs;
  std::size_t predicate_count = 0;
  std::array<Predicate, kMaxPredicates> predicates{};
  std::size_t fixed_count = 0;
  std::array<const Column*, kMaxPredicates> fixed{};  // columns with one key by an eq

  [[nodiscard]] bool is_fixed(const Column* column) const {
    for (std::size_t i = 0; i < fixed_count; ++i) {
      if (fixed[i] == column) return true;
    }
    return false;
  }
};

// Microseconds, no allocation, any thread. Not supported: a column that the index lacks, grouping by JSON, a
// value that is not of its column's type.
[[nodiscard]] Lookup look_up(const query::Plan& plan, const Reader& reader,
                             const Thresholds& thresholds = {});

}  // namespace offloader::index
