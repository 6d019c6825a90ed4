#pragma once

#include <duckdb.h>

#include <cstdint>
#include <string>

#include "offloader/base/result.h"
#include "offloader/query/plan.h"

namespace offloader::engine {

// Writes data chunks as JSON rows straight into one buffer (query-semantics.md, "Values as JSON").
class RowEncoder {
 public:
  explicit RowEncoder(const query::Plan& plan);

  // Appends rows until the page is full; the one after it only tells that there is more. `internal` for a
  // column type that no contract has.
  [[nodiscard]] Result<void> append(duckdb_data_chunk chunk);

  [[nodiscard]] bool has_more() const { return has_more_; }
  [[nodiscard]] std::int64_t row_count() const { return rows_; }
  [[nodiscard]] std::string finish() &&;

 private:
  // For the next chunk and those after it; `chunk`: the bytes of the one that was just written.
  void make_room(std::size_t chunk);

  const query::Plan& plan_;
  std::vector<std::string> keys_;  // `"name":`, for plan.columns
  std::string out_ = "[";
  std::int64_t rows_ = 0;
  bool has_more_ = false;
};

}  // namespace offloader::engine
