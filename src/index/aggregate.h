#pragma once

#include <cstdint>
#include <span>

#include "offloader/base/json_text.h"
#include "offloader/catalog/catalog.h"
#include "offloader/index/column.h"

namespace offloader::index {

// What one aggregate of one group has seen: the sum of keys (128 bits in two words), the bits of a floating
// sum, or the least or greatest key.
struct Accumulator {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint64_t count = 0;  // values that are not null
};

// An aggregate over one column. Accumulates keys rather than values: the base is added once, at the end.
class ColumnAggregate {
 public:
  // `rows`: how many the index has.
  ColumnAggregate(catalog::Aggregate kind, const Column& column, std::uint64_t rows)
      : kind_(kind), column_(&column), rows_(rows) {}

  // The rows of run i into the accumulator `into[i * stride]`.
  void add_runs(Accumulator* into, std::size_t stride, std::span<const Range> runs) const;
  // Row i into the accumulator `into[groups[i] * stride]`.
  void add_rows(Accumulator* into, std::size_t stride, std::span<const std::uint32_t> rows,
                const std::uint32_t* groups) const;

  [[nodiscard]] catalog::Aggregate kind() const { return kind_; }
  [[nodiscard]] const Column& column() const { return *column_; }
  [[nodiscard]] bool floating() const { return column_->type == catalog::ColumnType::float64; }

  // Results; those of sum, avg, min and max only when the count is not zero.
  [[nodiscard]] Int128 sum(const Accumulator& from) const;
  [[nodiscard]] double floating_sum(const Accumulator& from) const;
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
