#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "offloader/base/result.h"
#include "offloader/query/plan.h"
#include "offloader/rows/batch.h"

namespace offloader::rows {

// Returns the kind of values that a column of this type has in a batch.
[[nodiscard]] Kind kind_of(catalog::ColumnType type);

// Returns the kind of values that a projection has in a batch. It does not depend on the executor.
[[nodiscard]] Kind kind_of(const query::Projection& projection);

// The columns of a plan's answer, in response order. A view of the plan, which must outlive it.
class Columns {
 public:
  explicit Columns(const query::Plan& plan) : plan_(&plan) {}

  [[nodiscard]] std::size_t size() const { return plan_->columns.size(); }
  [[nodiscard]] const query::Projection& projection(std::size_t i) const {
    return plan_->shape->projections[plan_->columns[i]];
  }
  [[nodiscard]] const std::string& name(std::size_t i) const { return projection(i).as; }
  [[nodiscard]] Kind kind(std::size_t i) const { return kind_of(projection(i)); }
  // The most rows that the answer can have.
  [[nodiscard]] std::int64_t most_rows() const { return plan_->limit; }

  // The id of the plan's shape. Together with chosen() it identifies the column names. 0: the shape has no
  // id.
  [[nodiscard]] std::uint64_t shape() const { return plan_->shape->id; }
  // The columns as positions in the shape's projections.
  [[nodiscard]] const std::vector<std::size_t>& chosen() const { return plan_->columns; }

 private:
  const query::Plan* plan_;
};

// Fails with `internal` if an exact sum has more than 38 digits: no format has a type for it. Executors call
// it before they write a batch. Requires: sums of integers and decimals are of kind int128 or decimal.
[[nodiscard]] Result<void> check_sums(const Columns& columns, const Batch& batch);

}  // namespace offloader::rows
