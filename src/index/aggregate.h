#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "distinct_keys.h"
#include "offloader/base/json_text.h"
#include "offloader/catalog/catalog.h"
#include "offloader/index/column.h"
#include "scan.h"

namespace offloader::index {

// The state of one aggregate of one group. `low` and `high` are the 128-bit sum of the keys; or `low` alone
// is the bits of a floating sum, or the least or the greatest key; or `low` is the least or the greatest key
// of the column that orders, and `high` the key of the value there.
struct Accumulator {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint64_t count = 0;  // values that are not null; or distinct values; or rows with a key that orders
};

// Rows of a batch that follow each other and belong to one group: from the end of the stretch before to
// `end`, a place in the batch.
struct Stretch {
  std::uint32_t group = 0;
  std::uint32_t end = 0;
};

// The groups of the rows of a batch.
struct BatchGroups {
  const std::uint32_t* of_rows = nullptr;
  std::span<const Stretch> stretches{};  // the same, or empty: see find_stretches()
};

// Finds the stretches of a batch whose row i belongs to `groups[i]`. Finds none if they are short, so that
// working by them saves nothing.
void find_stretches(std::span<const std::uint32_t> groups, std::vector<Stretch>& stretches);

// Memory that aggregates use while they add. One thread at a time.
struct AggregateScratch {
  RowBatch batch{};
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> groups;
  std::vector<Stretch> stretches;
};

// An aggregate over one column. It adds up keys instead of values; the base is added once, at the end. A view
// of the columns and of `where`, which must outlive it. Not thread-safe: a count of distinct values remembers
// them.
class ColumnAggregate {
 public:
  struct Source {
    catalog::Aggregate kind = catalog::Aggregate::count;
    const Column* column = nullptr;    // null: counts rows
    const Column* by = nullptr;        // the column that orders, of `first` and `last`
    const Lookup* where = nullptr;     // what rows must match; null: all of them are added
    DistinctKeys* distinct = nullptr;  // of a count of distinct values
  };

  // `rows`: the row count of the index.
  ColumnAggregate(const Source& source, std::uint64_t rows) : source_(source), rows_(rows) {}

  // Adds the rows of run i to the accumulator `into[i * stride]`. Each run is one group.
  void add_runs(Accumulator* into, std::size_t stride, std::span<const Range> runs,
                AggregateScratch& scratch) const;
  // Adds each row to the accumulator `into[group * stride]` of its group. Requires: the rows ascend, are in
  // one block, and there is at least one.
  void add_rows(Accumulator* into, std::size_t stride, std::span<const std::uint32_t> rows,
                const BatchGroups& groups, AggregateScratch& scratch) const;

  [[nodiscard]] catalog::Aggregate kind() const { return source_.kind; }
  [[nodiscard]] const Column& column() const { return *source_.column; }
  [[nodiscard]] bool decimal() const { return column().type == catalog::ColumnType::decimal; }
  [[nodiscard]] bool floating() const {
    return source_.column != nullptr && column().type == catalog::ColumnType::float64;
  }
  // Whether it counts the rows of a group, and so reads no values.
  [[nodiscard]] bool counts_rows() const {
    const bool all = source_.column == nullptr || !source_.column->nullable;
    return source_.kind == catalog::Aggregate::count && all && source_.where == nullptr;
  }
  [[nodiscard]] bool reads_column() const { return source_.column != nullptr; }
  // Whether it adds all rows of a group.
  [[nodiscard]] bool adds_all() const { return source_.where == nullptr; }
  // Whether there were more distinct values than it can count.
  [[nodiscard]] bool overflows() const { return source_.distinct != nullptr && source_.distinct->full(); }

  // The results; a decimal's sum is unscaled. Requires: from.count is not 0.
  [[nodiscard]] Int128 sum(const Accumulator& from) const {
    const Uint128 keys = (static_cast<Uint128>(from.high) << 64) | from.low;
    return static_cast<Int128>(keys) + static_cast<Int128>(column().base) * static_cast<Int128>(from.count);
  }
  [[nodiscard]] double floating_sum(const Accumulator& from) const { return std::bit_cast<double>(from.low); }
  [[nodiscard]] double average(const Accumulator& from) const;
  // The key of `min`, `max`, `first` or `last`, which may be that of null.
  [[nodiscard]] std::uint64_t key(const Accumulator& from) const {
    return source_.by == nullptr ? from.low : from.high;
  }

 private:
  template <typename Stored>
  void range_of(Accumulator& into, std::uint32_t begin, std::uint32_t end) const;
  template <typename Stored>
  void rows_of(Accumulator* into, std::size_t stride, std::span<const std::uint32_t> rows,
               const BatchGroups& groups) const;
  void matching_rows_of(Accumulator* into, std::size_t stride, std::span<const std::uint32_t> rows,
                        const BatchGroups& groups) const;
  void edges_of(Accumulator* into, std::size_t stride, std::span<const std::uint32_t> rows,
                const std::uint32_t* groups) const;
  void add_row_by_row(Accumulator* into, std::size_t stride, std::span<const Range> runs,
                      AggregateScratch& scratch) const;

  Source source_;
  std::uint64_t rows_;
};

}  // namespace offloader::index
