#pragma once

#include <duckdb.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/rows/batch.h"

namespace offloader::duckdb {

// Returns the bytes of a string, valid as long as its vector. Reads it directly: duckdb_string_t_data() and
// _length() are two function calls for each value.
[[nodiscard]] inline std::string_view view_of(const duckdb_string_t& text) {
  constexpr std::uint32_t kInlined = sizeof text.value.inlined.inlined;
  const std::uint32_t length = text.value.inlined.length;
  return {length <= kInlined ? text.value.inlined.inlined : text.value.pointer.ptr, length};
}

// Presents DuckDB's data chunks as column batches. Copies nothing but the views of texts, decimals and UUIDs.
// One thread at a time.
class DuckdbBatch {
 public:
  // A column of the batch: which vector of the chunk it is. If `wanted` is json, a VARCHAR is a JSON
  // document.
  struct Source {
    std::size_t vector = 0;
    rows::Kind wanted = rows::Kind::text;
  };
  explicit DuckdbBatch(std::vector<Source> sources);

  // Returns the first `rows` rows of the chunk, which must outlive the batch. The batch is valid until the
  // next call. Errors: `internal` for a value that no format can represent: of a type that no contract has,
  // or an infinite date or timestamp.
  [[nodiscard]] Result<rows::Batch> of(duckdb_data_chunk chunk, std::size_t rows);

 private:
  std::vector<Source> sources_;
  std::vector<rows::Column> views_;
  std::vector<std::vector<std::string_view>> texts_;  // by column
  std::vector<std::vector<rows::Wide>> wide_;         // by column
};

}  // namespace offloader::duckdb
