#include "index_build.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include "duckdb_reads.h"
#include "index_writer.h"

namespace offloader::engine {
namespace {

using catalog::ColumnType;

struct Statement {
  duckdb_prepared_statement handle = nullptr;
  ~Statement() { duckdb_destroy_prepare(&handle); }
};

struct Pending {
  duckdb_pending_result handle = nullptr;
  ~Pending() { duckdb_destroy_pending(&handle); }
};

struct QueryResult {
  duckdb_result handle{};
  ~QueryResult() { duckdb_destroy_result(&handle); }
};

struct Chunk {
  duckdb_data_chunk handle = nullptr;
  ~Chunk() {
    if (handle != nullptr) duckdb_destroy_data_chunk(&handle);
  }
};

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

std::string quote_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

// What is indexed, each column once: the tenant's, the sort columns, the rest.
std::vector<std::size_t> columns_of(const IndexBuild& build) {
  std::vector<std::size_t> columns;
  const auto add = [&](std::size_t column) {
    if (std::find(columns.begin(), columns.end(), column) == columns.end()) columns.push_back(column);
  };
  if (build.tenant_column) add(*build.tenant_column);
  for (const std::size_t column : build.sort_columns) add(column);
  for (const std::size_t column : build.indexed_columns) add(column);
  return columns;
}

IndexLayout layout_of(const IndexBuild& build, const std::vector<std::size_t>& columns) {
  IndexLayout layout;
  for (const std::size_t column : columns) layout.columns.push_back(build.schema[column]);
  const std::size_t sorted = build.sort_columns.size() + (build.tenant_column ? 1 : 0);
  if (build.tenant_column) layout.tenant_column = 0;
  // columns_of put them first, in this order, without repetitions.
  for (std::size_t i = 0; i < std::min(sorted, columns.size()); ++i) {
    const bool sorts = (build.tenant_column && columns[i] == *build.tenant_column) ||
                       std::find(build.sort_columns.begin(), build.sort_columns.end(), columns[i]) !=
                           build.sort_columns.end();
    if (sorts) layout.sort_columns.push_back(i);
  }
  return layout;
}

// DuckDB's vectors as the writer takes them; strings need views of their own.
class ChunkColumns {
 public:
  explicit ChunkColumns(const std::vector<catalog::Column>& columns)
      : columns_(columns), texts_(columns.size()) {}

  std::span<const ColumnChunk> of(duckdb_data_chunk chunk) {
    const idx_t count = duckdb_data_chunk_get_size(chunk);
    chunks_.resize(columns_.size());
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, c);
      chunks_[c] = {columns_[c].type, duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector),
                    count};
      if (stored_type(columns_[c].type) == DUCKDB_TYPE_VARCHAR)
        chunks_[c].values = views_of(chunks_[c], texts_[c]);
    }
    return chunks_;
  }

 private:
  static const void* views_of(const ColumnChunk& chunk, std::vector<std::string_view>& texts) {
    const auto* strings = static_cast<const duckdb_string_t*>(chunk.values);
    texts.assign(chunk.count, {});
    for (std::size_t i = 0; i < chunk.count; ++i) {
      if (chunk.validity != nullptr && ((chunk.validity[i / 64] >> (i % 64)) & 1) == 0) continue;
      const duckdb_string_t& string = strings[i];
      const std::uint32_t length = string.value.inlined.length;
      texts[i] = {length <= 12 ? string.value.inlined.inlined : string.value.pointer.ptr, length};
    }
    return texts.data();
  }

  const std::vector<catalog::Column>& columns_;
  std::vector<std::vector<std::string_view>> texts_;
  std::vector<ColumnChunk> chunks_;
};

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
  const std::vector<std::size_t> columns = columns_of(build);
  if (columns.empty()) return cannot("no columns");
  const IndexLayout layout = layout_of(build, columns);
  std::string sql = "SELECT ";
  for (std::size_t c = 0; c < layout.columns.size(); ++c)
    sql += (c == 0 ? "" : ", ") + quote_name(layout.columns[c].name);
  sql += " FROM " + build.table;
  if (!build.sorted) {
    for (std::size_t k = 0; k < layout.sort_columns.size(); ++k)
      sql += (k == 0 ? " ORDER BY " : ", ") + quote_name(layout.columns[layout.sort_columns[k]].name);
  }

  Statement statement;
  if (duckdb_prepare(build.connection, sql.c_str(), &statement.handle) != DuckDBSuccess) {
    return cannot(text_or_empty(duckdb_prepare_error(statement.handle)));
  }
  Pending pending;
  if (duckdb_pending_prepared_streaming(statement.handle, &pending.handle) != DuckDBSuccess) {
    return cannot(text_or_empty(duckdb_pending_error(pending.handle)));
  }
  if (auto waited = await_first_rows(pending.handle, build.cancel); !waited) return waited;
  QueryResult result;
  if (duckdb_execute_pending(pending.handle, &result.handle) != DuckDBSuccess) {
    return cannot(text_or_empty(duckdb_result_error(&result.handle)));
  }
  for (std::size_t c = 0; c < layout.columns.size(); ++c) {
    if (duckdb_column_type(&result.handle, c) != stored_type(layout.columns[c].type)) {
      return cannot("stored type of column " + layout.columns[c].name);
    }
  }
  IndexWriter writer(build.output, layout);
  writer.belongs_to(build.fingerprint, build.layout);
  ChunkColumns views(layout.columns);
  while (true) {
    if (build.cancel != nullptr && build.cancel->cancelled()) return fail(ErrorCode::cancelled, "cancelled");
    const Chunk chunk{duckdb_fetch_chunk(result.handle)};
    if (chunk.handle == nullptr) break;
    const DuckdbReads reads;
    if (auto appended = writer.append(views.of(chunk.handle)); !appended) return appended;
  }
  if (const char* error = duckdb_result_error(&result.handle); error != nullptr && *error != '\0')
    return cannot(error);
  return writer.finish();
}

}  // namespace offloader::engine
