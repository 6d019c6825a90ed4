#include "row_hash.h"

#include <fmt/format.h>

#include <vector>

#include "duckdb_batch.h"
#include "duckdb_reads.h"
#include "offloader/duckdb/rows_digest.h"
#include "scalar_callback.h"

namespace offloader::duckdb {
namespace {

void hash_chunk(duckdb_function_info info, duckdb_data_chunk chunk, duckdb_vector out) {
  const auto hashed = [&]() -> Result<void> {
    std::vector<DuckdbBatch::Source> sources;
    for (idx_t c = 0; c < duckdb_data_chunk_get_column_count(chunk); ++c) sources.push_back({.vector = c});
    DuckdbBatch batch(std::move(sources));
    const idx_t rows = duckdb_data_chunk_get_size(chunk);
    const DuckdbReads reads;
    const auto view = batch.of(chunk, rows);
    if (!view) return fail(view.error());
    executor::hash_rows(*view, {static_cast<std::uint64_t*>(duckdb_vector_get_data(out)), rows});
    return {};
  };
  if (const auto done = hashed(); !done) duckdb_scalar_function_set_error(info, done.error().detail.c_str());
}

}  // namespace

Result<void> register_row_hash(duckdb_connection connection) {
  duckdb_scalar_function function = duckdb_create_scalar_function();
  duckdb_logical_type any = duckdb_create_logical_type(DUCKDB_TYPE_ANY);
  duckdb_logical_type returns = duckdb_create_logical_type(DUCKDB_TYPE_UBIGINT);
  duckdb_scalar_function_set_name(function, "offloader_row_hash");
  duckdb_scalar_function_set_varargs(function, any);
  duckdb_scalar_function_set_return_type(function, returns);
  duckdb_scalar_function_set_special_handling(function);
  duckdb_scalar_function_set_function(function, guarded<hash_chunk>);
  const auto state = duckdb_register_scalar_function(connection, function);
  duckdb_destroy_logical_type(&any);
  duckdb_destroy_logical_type(&returns);
  duckdb_destroy_scalar_function(&function);
  if (state != DuckDBSuccess)
    return fail(ErrorCode::internal, "The engine failed.", "cannot register a function");
  return {};
}

Result<executor::RowsDigest> rows_digest(Connection& connection, const std::string& table,
                                         const catalog::Dataset& dataset) {
  std::string columns;
  for (const catalog::Column& column : dataset.schema)
    columns += (columns.empty() ? "" : ", ") + quote_identifier(column.name);
  const auto found = connection.rows(fmt::format(
      "SELECT count(*), coalesce(sum(h) % 18446744073709551616, 0)::UBIGINT, coalesce(bit_xor(h), 0) "
      "FROM (SELECT offloader_row_hash({}) AS h FROM {})",
      columns, table));
  if (!found) return fail(found.error());
  const auto number = [&](std::size_t i) { return std::stoull((*found)[0][i]); };
  return executor::RowsDigest{.rows = number(0), .sum = number(1), .exclusive_or = number(2)};
}

}  // namespace offloader::duckdb
