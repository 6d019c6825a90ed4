#include "row_hash.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "duckdb_batch.h"
#include "duckdb_reads.h"
#include "offloader/duckdb/rows_digest.h"
#include "scalar_function.h"

namespace offloader::duckdb {
namespace {

// The state of one thread that executes the function: a batch, whose arrays are reused for each chunk. It is
// made from the first chunk, since the number of columns is not known before.
using State = std::optional<DuckdbBatch>;

void make_state(duckdb_init_info info) {
  auto* const state = new (std::nothrow) State;
  if (state == nullptr) return duckdb_scalar_function_init_set_error(info, kFunctionOutOfMemory);
  duckdb_scalar_function_init_set_state(info, state, [](void* made) { delete static_cast<State*>(made); });
}

void hash_chunk(duckdb_function_info info, duckdb_data_chunk chunk, duckdb_vector out) {
  const auto hashed = [&]() -> Result<void> {
    State& batch = *static_cast<State*>(duckdb_scalar_function_get_state(info));
    if (!batch) {
      std::vector<DuckdbBatch::Source> sources;
      for (idx_t c = 0; c < duckdb_data_chunk_get_column_count(chunk); ++c) sources.push_back({.vector = c});
      batch.emplace(std::move(sources));
    }
    const idx_t rows = duckdb_data_chunk_get_size(chunk);
    const DuckdbReads reads;
    const auto view = batch->of(chunk, rows);
    if (!view) return fail(view.error());
    executor::hash_rows(*view, {static_cast<std::uint64_t*>(duckdb_vector_get_data(out)), rows});
    return {};
  };
  if (const auto done = hashed(); !done) duckdb_scalar_function_set_error(info, done.error().detail.c_str());
}

void hash_texts(duckdb_function_info, duckdb_data_chunk chunk, duckdb_vector out) {
  const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, 0);
  const rows::Column texts = {.values = duckdb_vector_get_data(vector),
                              .validity = duckdb_vector_get_validity(vector)};
  auto* const words = static_cast<std::uint64_t*>(duckdb_vector_get_data(out));
  const idx_t rows = duckdb_data_chunk_get_size(chunk);
  const DuckdbReads reads;
  if (texts.validity != nullptr) duckdb_vector_ensure_validity_writable(out);
  std::uint64_t* const validity = duckdb_vector_get_validity(out);
  for (idx_t i = 0; i < rows; ++i) {
    if (texts.is_null(i)) {
      duckdb_validity_set_row_invalid(validity, i);
    } else {
      words[i] = executor::hash_text(view_of(texts.at<duckdb_string_t>(i)));
    }
  }
}

}  // namespace

Result<void> register_row_hash(duckdb_connection connection) {
  for (const ScalarFunction& function :
       {ScalarFunction{"offloader_row_hash", DUCKDB_TYPE_UBIGINT, guarded<hash_chunk>, 0, make_state},
        ScalarFunction{"offloader_text_hash", DUCKDB_TYPE_BIGINT, guarded<hash_texts>}}) {
    if (auto done = register_scalar_function(connection, function); !done) return done;
  }
  return {};
}

Result<executor::RowsDigest> rows_digest(Connection& connection, const std::string& table,
                                         const catalog::Dataset& dataset) {
  std::string columns;
  for (const catalog::Column& column : dataset.schema) {
    const std::string name = quote_identifier(column.name);
    const bool text = column.type == catalog::ColumnType::varchar || column.type == catalog::ColumnType::json;
    if (!columns.empty()) columns += ", ";
    // DuckDB calls a function of one argument once for each entry of a dictionary, and copies the texts of a
    // dictionary into each row for a function of several.
    columns += text ? fmt::format("offloader_text_hash({})", name) : name;
  }
  const auto found = connection.rows(fmt::format(
      "SELECT count(*), coalesce(sum(h) % 18446744073709551616, 0)::UBIGINT, coalesce(bit_xor(h), 0) "
      "FROM (SELECT offloader_row_hash({}) AS h FROM {})",
      columns, table));
  if (!found) return fail(found.error());
  const auto number = [&](std::size_t i) { return std::stoull((*found)[0][i]); };
  return executor::RowsDigest{.rows = number(0), .sum = number(1), .exclusive_or = number(2)};
}

}  // namespace offloader::duckdb
