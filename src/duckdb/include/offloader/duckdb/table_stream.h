#pragma once

#include <functional>
#include <string>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/catalog/column.h"
#include "offloader/duckdb/instance.h"
#include "offloader/rows/batch.h"

namespace offloader::duckdb {

// Returns the SQL type that stores a column of the contract, as DuckDB's catalog spells it.
[[nodiscard]] std::string sql_type(const catalog::SizedType& type);

struct TableStream {
  std::string table;  // fully qualified and quoted
  std::vector<catalog::Column> columns;
  std::vector<std::size_t> order;  // indices into `columns`; empty: the table's own order
};

// Passes a table's rows to `take` in batches of these columns, on the calling thread. A batch is valid until
// `take` returns. Requires: the instance preserves insertion order (DuckDB's default). `cancel` may be null.
// Errors: `cancelled`; those of to_error() (duckdb_error.h); `internal` for a column of another type; those
// of `take`.
[[nodiscard]] Result<void> stream_table(Connection& connection, const TableStream& stream,
                                        const CancelFlag* cancel,
                                        const std::function<Result<void>(const rows::Batch&)>& take);

}  // namespace offloader::duckdb
