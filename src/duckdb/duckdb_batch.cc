#include "duckdb_batch.h"

#include <algorithm>
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

// Reads the string directly. duckdb_string_t_data() and _length() are two function calls for each value.
std::string_view view_of(const duckdb_string_t& text) {
  constexpr std::uint32_t kInlined = sizeof text.value.inlined.inlined;
  const std::uint32_t length = text.value.inlined.length;
  return {length <= kInlined ? text.value.inlined.inlined : text.value.pointer.ptr, length};
}

// A load rejects infinite dates and timestamps, but a remote file may contain one.
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
    if (view.kind == Kind::date || view.kind == Kind::timestamp) {
      if (!all_finite(view, rows)) return cannot_show();
    } else if (view.kind == Kind::text || view.kind == Kind::json) {
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
