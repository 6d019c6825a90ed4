#include "duckdb_batch.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace offloader::duckdb {
namespace {

using rows::Kind;

std::optional<Kind> kind_of(duckdb_type type, Kind wanted) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      return Kind::boolean;
    case DUCKDB_TYPE_INTEGER:
      return Kind::int32;
    case DUCKDB_TYPE_BIGINT:
      return Kind::int64;
    case DUCKDB_TYPE_HUGEINT:
      return Kind::int128;
    case DUCKDB_TYPE_DOUBLE:
      return Kind::float64;
    case DUCKDB_TYPE_DATE:
      return Kind::date;
    case DUCKDB_TYPE_TIMESTAMP:
      return Kind::timestamp;
    case DUCKDB_TYPE_VARCHAR:
      return wanted == Kind::json ? Kind::json : Kind::text;
    default:
      return std::nullopt;
  }
}

duckdb_type type_of(duckdb_vector vector) {
  duckdb_logical_type logical = duckdb_vector_get_column_type(vector);
  const duckdb_type type = duckdb_get_type_id(logical);
  duckdb_destroy_logical_type(&logical);
  return type;
}

// DuckDB's infinite dates and timestamps are the largest number and its negation. duckdb_is_finite_date() and
// duckdb_is_finite_timestamp() are a function call for each value.
template <typename Number>
bool all_finite(const rows::Column& column, std::size_t rows) {
  constexpr Number kInfinite = std::numeric_limits<Number>::max();
  const auto* const numbers = static_cast<const Number*>(column.values);
  bool finite = true;
  for (std::size_t i = 0; i < rows; ++i)
    finite = finite && (column.is_null(i) || (numbers[i] != kInfinite && numbers[i] != -kInfinite));
  return finite;
}

// A load rejects infinite dates and timestamps, but a remote file may contain one.
bool is_finite(const rows::Column& column, std::size_t rows) {
  if (column.kind == Kind::date) return all_finite<std::int32_t>(column, rows);
  return column.kind != Kind::timestamp || all_finite<std::int64_t>(column, rows);
}

tl::unexpected<Error> cannot_show() {
  return fail(ErrorCode::internal, "The engine failed.",
              "a result value of a type that answers do not support");
}

}  // namespace

DuckdbBatch::DuckdbBatch(std::vector<Source> sources)
    : sources_(std::move(sources)), views_(sources_.size()), texts_(sources_.size()) {}

Result<rows::Batch> DuckdbBatch::of(duckdb_data_chunk chunk, std::size_t rows) {
  for (std::size_t c = 0; c < views_.size(); ++c) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, sources_[c].vector);
    rows::Column& view = views_[c];
    const auto kind = kind_of(type_of(vector), sources_[c].wanted);
    if (!kind) return cannot_show();
    view = {.kind = *kind,
            .values = duckdb_vector_get_data(vector),
            .validity = duckdb_vector_get_validity(vector)};
    if (!is_finite(view, rows)) return cannot_show();
    if (view.kind == Kind::text || view.kind == Kind::json) {
      const auto* const strings = static_cast<const duckdb_string_t*>(view.values);
      std::vector<std::string_view>& texts = texts_[c];
      if (texts.size() < rows) texts.resize(rows);
      for (std::size_t i = 0; i < rows; ++i) {
        // The value of a null is not a valid string.
        if (!view.is_null(i)) texts[i] = view_of(strings[i]);
      }
      view.values = texts.data();
    }
  }
  return rows::Batch{.columns = views_, .rows = rows};
}

}  // namespace offloader::duckdb
