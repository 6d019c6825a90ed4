#pragma once

#include <span>
#include <string>
#include <utility>

#include "duckdb_handle.h"
#include "offloader/base/result.h"
#include "offloader/catalog/sized_type.h"
#include "offloader/rows/batch.h"

// Batches of an answer as DuckDB's chunks: the way back from duckdb_batch.h. Any thread.
namespace offloader::duckdb {

// The error of an answer for which there is no memory.
[[nodiscard]] inline Error answer_refused(std::string detail) {
  return {ErrorCode::no_memory, "The server has no memory left for this answer. Try again later.",
          std::move(detail)};
}

// Returns the type in which DuckDB holds a column of an answer. UUIDs and documents are texts in the formats
// that DuckDB writes (consumer-api.md, "Formats").
[[nodiscard]] LogicalType answer_type(catalog::SizedType type);

// Returns a chunk with a copy of the batch's rows in these types. Requires: the batch has a row. Errors:
// rows::value_refused(); `no_memory`.
[[nodiscard]] Result<DataChunk> chunk_of(const rows::Batch& batch, std::span<const catalog::SizedType> types);

}  // namespace offloader::duckdb
