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

// The type in which a column of the contract is stored, as SQL names it.
[[nodiscard]] const char* sql_type(catalog::ColumnType type);

struct TableStream {
  std::string table;  // fully qualified and quoted
  std::vector<catalog::Column> columns;
  std::vector<std::size_t> order;  // indices into `columns`; empty: the table's own order
};

// Hands a table's rows, as batches of these columns, to `take`, on the calling thread; a batch is valid until
// `take` returns. The instance preserves insertion order (DuckDB's default). `cancel` may be null. Errors:
// `cancelled`, `internal` for DuckDB's and for a column of another type, and what `take` returns.
[[nodiscard]] Result<void> stream_table(Connection& connection, const TableStream& stream,
                                        const CancelFlag* cancel,
                                        const std::function<Result<void>(const rows::Batch&)>& take);

}  // namespace offloader::duckdb
