#include "offloader/duckdb/testing/json_answer.h"

#include <duckdb.h>

#include <cstdint>

#include "offloader/base/decimal.h"
#include "offloader/base/json_text.h"
#include "offloader/base/uuid.h"

namespace offloader::duckdb::testing {
namespace {

Int128 unscaled_at(const void* data, duckdb_type stored, idx_t row) {
  switch (stored) {
    case DUCKDB_TYPE_SMALLINT:
      return static_cast<const std::int16_t*>(data)[row];
    case DUCKDB_TYPE_INTEGER:
      return static_cast<const std::int32_t*>(data)[row];
    case DUCKDB_TYPE_BIGINT:
      return static_cast<const std::int64_t*>(data)[row];
    default:
      return static_cast<const Int128*>(data)[row];
  }
}

void append_cell(std::string& out, duckdb_vector vector, idx_t row, bool document) {
  const auto* validity = duckdb_vector_get_validity(vector);
  if (validity != nullptr && !duckdb_validity_row_is_valid(const_cast<std::uint64_t*>(validity), row)) {
    out += "null";
    return;
  }
  const void* data = duckdb_vector_get_data(vector);
  duckdb_logical_type type = duckdb_vector_get_column_type(vector);
  const duckdb_type id = duckdb_get_type_id(type);
  const duckdb_type stored = id == DUCKDB_TYPE_DECIMAL ? duckdb_decimal_internal_type(type) : id;
  const unsigned scale = id == DUCKDB_TYPE_DECIMAL ? duckdb_decimal_scale(type) : 0U;
  duckdb_destroy_logical_type(&type);
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN:
      json::append_bool(out, static_cast<const bool*>(data)[row]);
      break;
    case DUCKDB_TYPE_INTEGER:
      json::append_int(out, static_cast<const std::int32_t*>(data)[row]);
      break;
    case DUCKDB_TYPE_BIGINT:
      json::append_int(out, static_cast<const std::int64_t*>(data)[row]);
      break;
    case DUCKDB_TYPE_HUGEINT:
      json::append_int128(out, static_cast<const Int128*>(data)[row]);
      break;
    case DUCKDB_TYPE_DOUBLE:
      json::append_double(out, static_cast<const double*>(data)[row]);
      break;
    case DUCKDB_TYPE_DATE:
      json::append_date(out, static_cast<const std::int32_t*>(data)[row]);
      break;
    case DUCKDB_TYPE_TIMESTAMP:
      json::append_timestamp(out, static_cast<const std::int64_t*>(data)[row]);
      break;
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      json::append_instant(out, static_cast<const std::int64_t*>(data)[row]);
      break;
    case DUCKDB_TYPE_DECIMAL:
      append_decimal(out, unscaled_at(data, stored, row), scale);
      break;
    case DUCKDB_TYPE_UUID: {
      const auto value = static_cast<Uint128>(static_cast<const Int128*>(data)[row]) ^ (Uint128{1} << 127);
      out += '"';
      append_uuid(out, {static_cast<std::uint64_t>(value >> 64), static_cast<std::uint64_t>(value)});
      out += '"';
      break;
    }
    case DUCKDB_TYPE_VARCHAR: {
      auto string = static_cast<const duckdb_string_t*>(data)[row];
      const std::string_view text(duckdb_string_t_data(&string), duckdb_string_t_length(string));
      if (document) {
        out += text;
      } else {
        json::append_string(out, text);
      }
      break;
    }
    default:
      out += "a value of type " + std::to_string(id);
  }
}

}  // namespace

Result<JsonAnswer> json_answer(Connection& connection, const std::string& sql, const query::Plan& plan) {
  JsonAnswer rows;
  rows.json = "[";
  duckdb_result result{};
  if (duckdb_query(connection.get(), sql.c_str(), &result) != DuckDBSuccess) {
    std::string text = duckdb_result_error(&result);
    duckdb_destroy_result(&result);
    return fail(ErrorCode::internal, std::move(text), sql);
  }
  while (duckdb_data_chunk chunk = duckdb_fetch_chunk(result)) {
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); ++row) {
      if (rows.row_count == plan.limit) {
        rows.has_more = true;
        continue;
      }
      rows.json += rows.row_count++ == 0 ? "{" : ",{";
      for (std::size_t c = 0; c < plan.columns.size(); ++c) {
        const query::Projection& projection = plan.shape->projections[plan.columns[c]];
        if (c > 0) rows.json += ",";
        json::append_string(rows.json, projection.as);
        rows.json += ":";
        append_cell(rows.json, duckdb_data_chunk_get_vector(chunk, plan.columns[c]), row,
                    projection.type == catalog::ColumnType::json);
      }
      rows.json += "}";
    }
    duckdb_destroy_data_chunk(&chunk);
  }
  duckdb_destroy_result(&result);
  rows.json += "]";
  return rows;
}

}  // namespace offloader::duckdb::testing
