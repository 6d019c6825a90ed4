#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "offloader/base/json_text.h"
#include "offloader/catalog/catalog.h"
#include "offloader/index/column.h"

namespace offloader::index {

// The state of one aggregate of one group. `low` and `high` are the 128-bit sum of the keys; or `low` alone
// is the bits of a floating sum, or the least or the greatest key.
struct Accumulator {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint64_t count = 0;  // values that are not null
};

// An aggregate over one column. It adds up keys instead of values; the base is added once, at the end. A view
// of the column, which must outlive it. Immutable, so any thread may use it.
class ColumnAggregate {
 public:
  // `rows`: the row count of the index.
  ColumnAggregate(catalog::Aggregate kind, const Column& column, std::uint64_t rows)
      : kind_(kind), column_(&column), rows_(rows) {}

  // Adds the rows of run i to the accumulator `into[i * stride]`.
  void add_runs(Accumulator* into, std::size_t stride, std::span<const Range> runs) const;
  // Adds row i to the accumulator `into[groups[i] * stride]`.
  void add_rows(Accumulator* into, std::size_t stride, std::span<const std::uint32_t> rows,
                const std::uint32_t* groups) const;

  [[nodiscard]] catalog::Aggregate kind() const { return kind_; }
  [[nodiscard]] const Column& column() const { return *column_; }
  [[nodiscard]] bool decimal() const { return column_->type == catalog::ColumnType::decimal; }
  [[nodiscard]] bool floating() const { return column_->type == catalog::ColumnType::float64; }

  // The results; a decimal's sum is unscaled. Requires: from.count is not 0.
  [[nodiscard]] Int128 sum(const Accumulator& from) const {
    const Uint128 keys = (static_cast<Uint128>(from.high) << 64) | from.low;
    return static_cast<Int128>(keys) + static_cast<Int128>(column_->base) * static_cast<Int128>(from.count);
  }
  [[nodiscard]] double floating_sum(const Accumulator& from) const { return std::bit_cast<double>(from.low); }
  [[nodiscard]] double average(const Accumulator& from) const;

 private:
  template <typename Stored>
  void range_of(Accumulator& into, std::uint32_t begin, std::uint32_t end) const;
  template <typename Stored>
  void rows_of(Accumulator* into, std::size_t stride, std::span<const std::uint32_t> rows,
               const std::uint32_t* groups) const;

  catalog::Aggregate kind_;
  const Column* column_;
  std::uint64_t rows_;
};

}  // namespace offloader::index
