#pragma once

#include <cstddef>
#include <vector>

#include "offloader/query/plan.h"
#include "offloader/rows/columns.h"
#include "offloader/rows/writer.h"

namespace offloader::rows {

// Returns the plan whose answer is the order keys of this one's rows: the same rows, with the columns of its
// order.
[[nodiscard]] query::Plan plan_of_keys(const query::Plan& plan);

// Finds where a page ends. Takes the rows of plan_of_keys() in the order of the page, and produces no text.
// The same rows give the same end, whichever executor they come from. Ownership and threads are those of
// Writer.
class PageEndWriter final : public Writer {
 public:
  [[nodiscard]] Result<void> begin(const Columns& columns) override;
  [[nodiscard]] Result<void> write(const Batch& batch) override;
  [[nodiscard]] Result<void> finish() override { return {}; }
  [[nodiscard]] Page take() override { return {}; }

  // Returns the end of what has been written. Requires: at least one row.
  [[nodiscard]] query::PageEnd take_end() { return std::move(end_); }

 private:
  std::vector<catalog::SizedType> types_;
  query::PageEnd end_;
};

}  // namespace offloader::rows
