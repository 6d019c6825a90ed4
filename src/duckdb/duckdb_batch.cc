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
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return Kind::timestamptz;
    case DUCKDB_TYPE_DECIMAL:
      return Kind::decimal;
    case DUCKDB_TYPE_UUID:
      return Kind::uuid;
    case DUCKDB_TYPE_VARCHAR:
      return wanted == Kind::json ? Kind::json : Kind::text;
    default:
      return std::nullopt;
  }
}

struct VectorType {
  duckdb_type type = DUCKDB_TYPE_INVALID;
  duckdb_type stored = DUCKDB_TYPE_INVALID;  // of a decimal: the integer type of its unscaled values
  std::uint8_t scale = 0;
};

VectorType type_of(duckdb_vector vector) {
  duckdb_logical_type logical = duckdb_vector_get_column_type(vector);
  VectorType out{.type = duckdb_get_type_id(logical)};
  if (out.type == DUCKDB_TYPE_DECIMAL) {
    out.stored = duckdb_decimal_internal_type(logical);
    out.scale = duckdb_decimal_scale(logical);
  }
  duckdb_destroy_logical_type(&logical);
  return out;
}

template <typename Stored>
void widen(const void* values, std::size_t rows, std::vector<rows::Wide>& out) {
  const auto* const stored = static_cast<const Stored*>(values);
  for (std::size_t i = 0; i < rows; ++i) out[i] = rows::Wide::of(stored[i]);
}

void widen_decimals(duckdb_type stored, const void* values, std::size_t rows, std::vector<rows::Wide>& out) {
  switch (stored) {
    case DUCKDB_TYPE_SMALLINT:
      return widen<std::int16_t>(values, rows, out);
    case DUCKDB_TYPE_INTEGER:
      return widen<std::int32_t>(values, rows, out);
    case DUCKDB_TYPE_BIGINT:
      return widen<std::int64_t>(values, rows, out);
    default:  // a HUGEINT, whose words have the same order
      std::copy_n(static_cast<const rows::Wide*>(values), rows, out.begin());
  }
}

// DuckDB stores a UUID with its first bit inverted, so that it orders as a signed number.
void take_uuids(const void* values, std::size_t rows, std::vector<rows::Wide>& out) {
  const auto* const stored = static_cast<const rows::Wide*>(values);
  for (std::size_t i = 0; i < rows; ++i) out[i] = {stored[i].low, stored[i].high ^ (std::uint64_t{1} << 63)};
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
  const bool timed = column.kind == Kind::timestamp || column.kind == Kind::timestamptz;
  return !timed || all_finite<std::int64_t>(column, rows);
}

tl::unexpected<Error> cannot_show() {
  return fail(ErrorCode::internal, "The engine failed.",
              "a result value of a type that answers do not support");
}

}  // namespace

DuckdbBatch::DuckdbBatch(std::vector<Source> sources)
    : sources_(std::move(sources)),
      views_(sources_.size()),
      texts_(sources_.size()),
      wide_(sources_.size()) {}

Result<rows::Batch> DuckdbBatch::of(duckdb_data_chunk chunk, std::size_t rows) {
  for (std::size_t c = 0; c < views_.size(); ++c) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, sources_[c].vector);
    rows::Column& view = views_[c];
    const VectorType type = type_of(vector);
    const auto kind = kind_of(type.type, sources_[c].wanted);
    if (!kind) return cannot_show();
    view = {.kind = *kind,
            .values = duckdb_vector_get_data(vector),
            .validity = duckdb_vector_get_validity(vector),
            .scale = type.scale};
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
    if (view.kind == Kind::decimal || view.kind == Kind::uuid) {
      std::vector<rows::Wide>& wide = wide_[c];
      if (wide.size() < rows) wide.resize(rows);
      if (view.kind == Kind::uuid) {
        take_uuids(view.values, rows, wide);
      } else {
        widen_decimals(type.stored, view.values, rows, wide);
      }
      view.values = wide.data();
    }
  }
  return rows::Batch{.columns = views_, .rows = rows};
}

}  // namespace offloader::duckdb
