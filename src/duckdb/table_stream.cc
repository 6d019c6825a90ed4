#include "offloader/duckdb/table_stream.h"

#include "duckdb_batch.h"
#include "duckdb_handle.h"
#include "duckdb_reads.h"
#include "offloader/rows/columns.h"
#include "stored_type.h"

namespace offloader::duckdb {
namespace {

using catalog::ColumnType;

bool has_type(duckdb_result& result, idx_t column, const catalog::SizedType& type) {
  if (duckdb_column_type(&result, column) != stored_type(type)) return false;
  if (type != ColumnType::decimal) return true;
  const LogicalType logical(duckdb_column_logical_type(&result, column));
  const catalog::DecimalSize size{duckdb_decimal_width(logical.get()), duckdb_decimal_scale(logical.get())};
  return size == type.size;
}

tl::unexpected<Error> cannot(const DuckdbError& error) {
  return fail(to_error(error));
}

// Runs the query task by task until its first rows are available: a sort takes long and must be cancellable.
// Returns earlier if other threads of the instance have taken all tasks. Then executing the query blocks, and
// only an interrupt ends it.
Result<void> await_first_rows(duckdb_pending_result pending, const CancelFlag* cancel) {
  while (true) {
    if (cancel != nullptr && cancel->cancelled()) return fail(ErrorCode::cancelled, "cancelled");
    const duckdb_pending_state state = duckdb_pending_execute_task(pending);
    if (state == DUCKDB_PENDING_ERROR) return cannot(error_of(pending));
    if (state == DUCKDB_PENDING_NO_TASKS_AVAILABLE || duckdb_pending_execution_is_finished(state)) return {};
  }
}

std::string sql_of(const TableStream& stream) {
  std::string sql = "SELECT ";
  for (std::size_t c = 0; c < stream.columns.size(); ++c)
    sql += (c == 0 ? "" : ", ") + quote_identifier(stream.columns[c].name);
  sql += " FROM " + stream.table;
  for (std::size_t k = 0; k < stream.order.size(); ++k)
    sql += (k == 0 ? " ORDER BY " : ", ") + quote_identifier(stream.columns[stream.order[k]].name);
  return sql;
}

}  // namespace

std::string sql_type(const catalog::SizedType& type) {
  switch (type.type) {
    case ColumnType::timestamptz:
      return "TIMESTAMP WITH TIME ZONE";
    case ColumnType::json:
      return "VARCHAR";
    default:
      return catalog::name_of(type);
  }
}

Result<void> stream_table(Connection& connection, const TableStream& stream, const CancelFlag* cancel,
                          const std::function<Result<void>(const rows::Batch&)>& take) {
  duckdb_prepared_statement prepared = nullptr;
  const bool prepares = duckdb_prepare(connection.get(), sql_of(stream).c_str(), &prepared) == DuckDBSuccess;
  const Statement statement(prepared);
  if (!prepares) return cannot(error_of(prepared));
  duckdb_pending_result begun = nullptr;
  const bool begins = duckdb_pending_prepared_streaming(prepared, &begun) == DuckDBSuccess;
  const PendingResult pending(begun);
  if (!begins) return cannot(error_of(begun));
  if (auto waited = await_first_rows(pending.get(), cancel); !waited) return waited;
  QueryResult result;
  if (duckdb_execute_pending(pending.get(), result.get()) != DuckDBSuccess) {
    return fail(result.error());
  }
  std::vector<DuckdbBatch::Source> sources;
  for (std::size_t c = 0; c < stream.columns.size(); ++c) {
    if (!has_type(*result.get(), c, stream.columns[c].type)) {
      return fail(ErrorCode::internal, "The table cannot be read.",
                  "stored type of column " + stream.columns[c].name);
    }
    sources.push_back({c, rows::kind_of(stream.columns[c].type)});
  }
  DuckdbBatch batch(std::move(sources));
  while (true) {
    if (cancel != nullptr && cancel->cancelled()) return fail(ErrorCode::cancelled, "cancelled");
    const DataChunk chunk(duckdb_fetch_chunk(*result.get()));
    if (!chunk) break;
    const DuckdbReads reads;
    const auto rows = batch.of(chunk.get(), duckdb_data_chunk_get_size(chunk.get()));
    if (!rows) return fail(rows.error());
    if (auto taken = take(*rows); !taken) return taken;
  }
  if (const char* error = duckdb_result_error(result.get()); error != nullptr && *error != '\0')
    return fail(result.error());
  return {};
}

}  // namespace offloader::duckdb
