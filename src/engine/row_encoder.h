#pragma once

#include <duckdb.h>

#include <cstdint>
#include <string>

#include "offloader/base/byte_budget.h"
#include "offloader/base/result.h"
#include "offloader/query/plan.h"

namespace offloader::engine {

// Writes data chunks as JSON rows straight into one buffer (query-semantics.md, "Values as JSON").
class RowEncoder {
 public:
  // The page is counted in `memory` while it grows; null: unbounded.
  explicit RowEncoder(const query::Plan& plan, std::shared_ptr<ByteBudget> memory = nullptr);

  // Appends rows until the page is full; the one after it only tells that there is more. `internal` for a
  // column type that no contract has, `no_memory` when the page does not fit.
  [[nodiscard]] Result<void> append(duckdb_data_chunk chunk);

  [[nodiscard]] bool has_more() const { return has_more_; }
  [[nodiscard]] std::int64_t row_count() const { return rows_; }
  [[nodiscard]] std::string finish() &&;
  // After finish().
  [[nodiscard]] ByteHold take_room() { return std::move(room_); }

 private:
  // For the next chunk and those after it; `chunk`: the bytes of the one that was just written.
  [[nodiscard]] Result<void> make_room(std::size_t chunk);
  [[nodiscard]] std::size_t counted() const;

  const query::Plan& plan_;
  std::vector<std::string> keys_;  // `"name":`, for plan.columns
  ByteHold room_;
  std::string out_ = "[";
  std::int64_t rows_ = 0;
  bool has_more_ = false;
};

}  // namespace offloader::engine
