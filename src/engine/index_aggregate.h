#pragma once

#include <cstdint>
#include <span>

#include "index_column.h"
#include "offloader/base/json_text.h"
#include "offloader/catalog/catalog.h"

namespace offloader::engine {

// What one aggregate of one group has seen: the sum of keys (128 bits in two words), the bits of a floating
// sum, or the least or greatest key.
struct IndexAccumulator {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint64_t count = 0;  // values that are not null
};

// An aggregate over one column. Accumulates keys rather than values: the base is added once, at the end.
class IndexAggregate {
 public:
  // `rows`: how many the index has.
  IndexAggregate(catalog::Aggregate kind, const IndexColumn& column, std::uint64_t rows)
      : kind_(kind), column_(&column), rows_(rows) {}

  // The rows of run i into the accumulator `into[i * stride]`.
  void add_runs(IndexAccumulator* into, std::size_t stride, std::span<const IndexRange> runs) const;
  // Row i into the accumulator `into[groups[i] * stride]`.
  void add_rows(IndexAccumulator* into, std::size_t stride, std::span<const std::uint32_t> rows,
                const std::uint32_t* groups) const;

  [[nodiscard]] catalog::Aggregate kind() const { return kind_; }
  [[nodiscard]] const IndexColumn& column() const { return *column_; }
  [[nodiscard]] bool floating() const { return column_->type == catalog::ColumnType::float64; }

  // Results; those of sum, avg, min and max only when the count is not zero.
  [[nodiscard]] Int128 sum(const IndexAccumulator& from) const;
  [[nodiscard]] double floating_sum(const IndexAccumulator& from) const;
  [[nodiscard]] double average(const IndexAccumulator& from) const;

 private:
  template <typename Stored>
  void range_of(IndexAccumulator& into, std::uint32_t begin, std::uint32_t end) const;
  template <typename Stored>
  void rows_of(IndexAccumulator* into, std::size_t stride, std::span<const std::uint32_t> rows,
               const std::uint32_t* groups) const;

  catalog::Aggregate kind_;
  const IndexColumn* column_;
  std::uint64_t rows_;
};

}  // namespace offloader::engine
