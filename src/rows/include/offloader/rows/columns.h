#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "offloader/query/plan.h"
#include "offloader/rows/batch.h"

namespace offloader::rows {

// The values that a column of the type has in a batch.
[[nodiscard]] Kind kind_of(catalog::ColumnType type);

// The values that a projection has in a batch, whichever executor runs the plan.
[[nodiscard]] Kind kind_of(const query::Projection& projection);

// The columns of a plan's answer, in response order: a view of the plan, which outlives it.
class Columns {
 public:
  explicit Columns(const query::Plan& plan) : plan_(&plan) {}

  [[nodiscard]] std::size_t size() const { return plan_->columns.size(); }
  [[nodiscard]] const query::Projection& projection(std::size_t i) const {
    return plan_->shape->projections[plan_->columns[i]];
  }
  [[nodiscard]] const std::string& name(std::size_t i) const { return projection(i).as; }
  [[nodiscard]] Kind kind(std::size_t i) const { return kind_of(projection(i)); }
  [[nodiscard]] std::int64_t most_rows() const { return plan_->limit; }

  // The shape's number, which with the chosen columns identifies their names; 0: a shape that has none.
  [[nodiscard]] std::uint64_t shape() const { return plan_->shape->id; }
  [[nodiscard]] const std::vector<std::size_t>& chosen() const { return plan_->columns; }

 private:
  const query::Plan* plan_;
};

}  // namespace offloader::rows
