#include "index_build.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include "duckdb_batch.h"
#include "duckdb_handle.h"
#include "duckdb_reads.h"
#include "offloader/index/writer.h"
#include "offloader/rows/columns.h"

namespace offloader::engine {
namespace {

using catalog::ColumnType;

duckdb_type stored_type(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return DUCKDB_TYPE_BOOLEAN;
    case ColumnType::integer:
      return DUCKDB_TYPE_INTEGER;
    case ColumnType::bigint:
      return DUCKDB_TYPE_BIGINT;
    case ColumnType::float64:
      return DUCKDB_TYPE_DOUBLE;
    case ColumnType::date:
      return DUCKDB_TYPE_DATE;
    case ColumnType::timestamp:
      return DUCKDB_TYPE_TIMESTAMP;
    case ColumnType::varchar:
    case ColumnType::json:
      return DUCKDB_TYPE_VARCHAR;
  }
  return DUCKDB_TYPE_INVALID;
}

std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

tl::unexpected<Error> cannot(std::string detail) {
  return fail(ErrorCode::internal, "the index cannot be built", std::move(detail));
}

// Runs the query, task by task, until its first rows are there: a sort takes long, and has to end when it is
// cancelled. Stops early when the instance's other threads have taken all tasks; executing it then blocks,
// and only an interrupt ends it.
Result<void> await_first_rows(duckdb_pending_result pending, const CancelFlag* cancel) {
  while (true) {
    if (cancel != nullptr && cancel->cancelled()) return fail(ErrorCode::cancelled, "cancelled");
    const duckdb_pending_state state = duckdb_pending_execute_task(pending);
    if (state == DUCKDB_PENDING_ERROR) return cannot(text_or_empty(duckdb_pending_error(pending)));
    if (state == DUCKDB_PENDING_NO_TASKS_AVAILABLE || duckdb_pending_execution_is_finished(state)) return {};
  }
}

}  // namespace

Result<void> build_index(const IndexBuild& build) {
  const index::Layout layout = layout_of(build.layout);
  if (layout.columns.empty()) return cannot("no columns");
  std::string sql = "SELECT ";
  for (std::size_t c = 0; c < layout.columns.size(); ++c)
    sql += (c == 0 ? "" : ", ") + quote_identifier(layout.columns[c].name);
  sql += " FROM " + build.table;
  if (!build.sorted) {
    for (std::size_t k = 0; k < layout.sort_columns.size(); ++k)
      sql += (k == 0 ? " ORDER BY " : ", ") + quote_identifier(layout.columns[layout.sort_columns[k]].name);
  }

  duckdb_prepared_statement prepared = nullptr;
  const bool prepares = duckdb_prepare(build.connection, sql.c_str(), &prepared) == DuckDBSuccess;
  const Statement statement(prepared);
  if (!prepares) return cannot(text_or_empty(duckdb_prepare_error(prepared)));
  duckdb_pending_result begun = nullptr;
  const bool begins = duckdb_pending_prepared_streaming(prepared, &begun) == DuckDBSuccess;
  const PendingResult pending(begun);
  if (!begins) return cannot(text_or_empty(duckdb_pending_error(begun)));
  if (auto waited = await_first_rows(pending.get(), build.cancel); !waited) return waited;
  QueryResult result;
  if (duckdb_execute_pending(pending.get(), result.get()) != DuckDBSuccess) {
    return cannot(text_or_empty(duckdb_result_error(result.get())));
  }
  for (std::size_t c = 0; c < layout.columns.size(); ++c) {
    if (duckdb_column_type(result.get(), c) != stored_type(layout.columns[c].type)) {
      return cannot("stored type of column " + layout.columns[c].name);
    }
  }
  std::vector<DuckdbBatch::Source> sources;
  for (std::size_t c = 0; c < layout.columns.size(); ++c)
    sources.push_back({c, rows::kind_of(layout.columns[c].type)});
  index::Writer writer(build.output, layout);
  writer.belongs_to(build.fingerprint, build.layout.id);
  DuckdbBatch batch(std::move(sources));
  while (true) {
    if (build.cancel != nullptr && build.cancel->cancelled()) return fail(ErrorCode::cancelled, "cancelled");
    const DataChunk chunk(duckdb_fetch_chunk(*result.get()));
    if (!chunk) break;
    const DuckdbReads reads;
    const auto rows = batch.of(chunk.get(), duckdb_data_chunk_get_size(chunk.get()));
    if (!rows) return fail(rows.error());
    if (auto appended = writer.append(*rows); !appended) return appended;
  }
  if (const char* error = duckdb_result_error(result.get()); error != nullptr && *error != '\0')
    return cannot(error);
  return writer.finish();
}

}  // namespace offloader::engine
