#include "offloader/duckdb/plan_statement.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "duckdb_batch.h"
#include "duckdb_handle.h"
#include "duckdb_reads.h"
#include "offloader/rows/page_end.h"
#include "sql_render.h"

namespace offloader::duckdb {
namespace {

std::vector<DuckdbBatch::Source> sources_of(const query::Plan& plan) {
  const rows::Columns columns(plan);
  std::vector<DuckdbBatch::Source> sources;
  for (std::size_t c = 0; c < columns.size(); ++c) sources.push_back({columns.chosen()[c], columns.kind(c)});
  return sources;
}

// Reads the order keys of a page's rows.
class KeyRows {
 public:
  explicit KeyRows(const query::Plan& plan) : plan_(rows::plan_of_keys(plan)), batch_(sources_of(plan_)) {
    (void)end_.begin(rows::Columns(plan_));  // never fails
  }

  [[nodiscard]] Result<void> take(duckdb_data_chunk chunk, std::size_t rows) {
    const auto view = batch_.of(chunk, rows);
    if (!view) return fail(view.error());
    return end_.write(*view);
  }
  [[nodiscard]] query::PageEnd take_end() { return end_.take_end(); }

 private:
  query::Plan plan_;
  DuckdbBatch batch_;
  rows::PageEndWriter end_;
};

// Writes the rows of the page. The query returns one row more, which only shows that there are more.
Result<executor::Answered> write_rows(duckdb_result& result, const query::Plan& plan, rows::Writer& writer) {
  const rows::Columns columns(plan);
  if (auto begun = writer.begin(columns); !begun) return fail(std::move(begun.error()));
  DuckdbBatch batch(sources_of(plan));
  std::optional<KeyRows> keys;
  if (plan.wants_end) keys.emplace(plan);
  executor::Answered answered;
  while (!answered.has_more) {
    const DataChunk chunk(duckdb_fetch_chunk(result));
    if (!chunk) break;
    const auto left = static_cast<std::uint64_t>(plan.limit - answered.row_count);
    const auto rows = std::min<std::uint64_t>(duckdb_data_chunk_get_size(chunk.get()), left);
    answered.has_more = rows < duckdb_data_chunk_get_size(chunk.get());
    if (rows == 0) continue;
    const DuckdbReads reads;
    const auto view = batch.of(chunk.get(), rows);
    if (!view) return fail(view.error());
    if (auto fits = rows::check_sums(columns, *view); !fits) return fail(std::move(fits.error()));
    if (auto written = writer.write(*view); !written) return fail(std::move(written.error()));
    if (auto flushed = writer.flush(); !flushed) return fail(std::move(flushed.error()));
    if (keys) {
      if (auto taken = keys->take(chunk.get(), rows); !taken) return fail(std::move(taken.error()));
    }
    answered.row_count += static_cast<std::int64_t>(rows);
  }
  if (keys && answered.has_more) answered.end = keys->take_end();
  answered.by = "duckdb";
  return answered;
}

}  // namespace

void PlanStatement::Deleter::operator()(_duckdb_prepared_statement* statement) const {
  duckdb_destroy_prepare(&statement);
}

Result<PlanStatement> PlanStatement::prepare(Connection& connection, const query::PlanShape& shape,
                                             bool never, std::string_view source,
                                             std::span<const catalog::SizedType> types, Part part,
                                             SeekForm seek) {
  auto statement =
      duckdb::prepare(connection, part == Part::page ? render_sql(shape, never, source, types, seek)
                                                     : render_count_sql(shape, never, source, types));
  if (!statement) return fail(std::move(statement.error()));
  // DuckDB could write to the folder from which it may attach, by COPY … TO, so only SELECT is ever run.
  if (duckdb_prepared_statement_type(statement->get()) != DUCKDB_STATEMENT_TYPE_SELECT) {
    return fail(ErrorCode::internal, "The engine failed.", "the SQL of a plan is not a SELECT");
  }
  return PlanStatement(statement->release(), never);
}

Result<executor::Answered> PlanStatement::run(const query::Plan& plan,
                                              std::span<const catalog::SizedType> types,
                                              rows::Writer& writer) const {
  if (auto bound = bind_plan(statement_.get(), plan, never_, types); !bound)
    return fail(std::move(bound.error()));
  QueryResult result;
  if (duckdb_execute_prepared_streaming(statement_.get(), result.get()) != DuckDBSuccess)
    return fail(result.error());
  auto answered = write_rows(*result.get(), plan, writer);
  if (!answered) return answered;
  // A stream that fails ends like a complete one. Only the error text shows the difference.
  if (const char* text = duckdb_result_error(result.get()); text != nullptr && *text != '\0')
    return fail(result.error());
  return answered;
}

Result<std::int64_t> PlanStatement::count(const query::Plan& plan,
                                          std::span<const catalog::SizedType> types) const {
  if (auto bound = bind_count(statement_.get(), plan, never_, types); !bound)
    return fail(std::move(bound.error()));
  QueryResult result;
  if (duckdb_execute_prepared(statement_.get(), result.get()) != DuckDBSuccess) return fail(result.error());
  const DataChunk chunk(duckdb_fetch_chunk(*result.get()));
  if (!chunk || duckdb_data_chunk_get_size(chunk.get()) != 1)
    return fail(ErrorCode::internal, "The engine failed.", "a count without a row");
  const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk.get(), 0);
  return *static_cast<const std::int64_t*>(duckdb_vector_get_data(vector));
}

}  // namespace offloader::duckdb
