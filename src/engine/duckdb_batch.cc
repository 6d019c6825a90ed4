#include "duckdb_batch.h"

#include <algorithm>
#include <optional>

namespace offloader::engine {
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

// Infinite ones are refused on load; a remote file may still hold one.
bool all_finite(const rows::Column& column, std::size_t rows) {
  for (std::size_t i = 0; i < rows; ++i) {
    if (column.is_null(i)) continue;
    const bool finite = column.kind == Kind::date
                            ? duckdb_is_finite_date(column.at<duckdb_date>(i))
                            : duckdb_is_finite_timestamp(column.at<duckdb_timestamp>(i));
    if (!finite) return false;
  }
  return true;
}

tl::unexpected<Error> cannot_show() {
  return fail(ErrorCode::internal, "The engine failed.", "a result value that has no form in an answer");
}

}  // namespace

DuckdbBatch::DuckdbBatch(const rows::Columns& columns)
    : columns_(columns), views_(columns.size()), texts_(columns.size()) {}

Result<rows::Batch> DuckdbBatch::of(duckdb_data_chunk chunk, std::size_t rows) {
  for (std::size_t c = 0; c < views_.size(); ++c) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, columns_.chosen()[c]);
    rows::Column& view = views_[c];
    const auto kind = kind_of(type_of(vector), columns_.kind(c));
    if (!kind) return cannot_show();
    view = {.kind = *kind,
            .values = duckdb_vector_get_data(vector),
            .validity = duckdb_vector_get_validity(vector)};
    if (view.kind == Kind::date || view.kind == Kind::timestamp) {
      if (!all_finite(view, rows)) return cannot_show();
    } else if (view.kind == Kind::text || view.kind == Kind::json) {
      auto* const strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
      std::vector<std::string_view>& texts = texts_[c];
      texts.resize(std::max(texts.size(), rows));
      for (std::size_t i = 0; i < rows; ++i) {
        // What lies in the place of a null is no text.
        if (!view.is_null(i))
          texts[i] = {duckdb_string_t_data(&strings[i]), duckdb_string_t_length(strings[i])};
      }
      view.values = texts.data();
    }
  }
  return rows::Batch{.columns = views_, .rows = rows};
}

}  // namespace offloader::engine
