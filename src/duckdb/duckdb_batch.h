#pragma once

#include <duckdb.h>

#include <cstddef>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/rows/batch.h"

namespace offloader::duckdb {

// Shows DuckDB's data chunks as column batches, without a copy but for the views of texts. One thread.
class DuckdbBatch {
 public:
  // A column of the batch: the chunk's vector `vector`. A VARCHAR is a document where `wanted` is json.
  struct Source {
    std::size_t vector = 0;
    rows::Kind wanted = rows::Kind::text;
  };
  explicit DuckdbBatch(std::vector<Source> sources);

  // The first `rows` rows of the chunk, which outlives the batch; the batch is valid until the next call.
  // `internal` for a value that no format can show: of a type that no contract has, an infinite date or
  // timestamp.
  [[nodiscard]] Result<rows::Batch> of(duckdb_data_chunk chunk, std::size_t rows);

 private:
  std::vector<Source> sources_;
  std::vector<rows::Column> views_;
  std::vector<std::vector<std::string_view>> texts_;  // of each text column
};

}  // namespace offloader::duckdb
