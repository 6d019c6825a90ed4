#include "answer_chunk.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <vector>

#include "offloader/rows/typed_values.h"
#include "stored_type.h"

namespace offloader::duckdb {
namespace {

using catalog::ColumnType;
using catalog::SizedType;
using rows::Column;

// Copies values that are stored alike. What is in the place of a null is copied too, and never read.
void copy_values(const Column& column, SizedType type, std::size_t rows, void* to) {
  std::memcpy(to, column.values, rows * rows::stored_bytes(type));
}

template <typename Stored>
Stored stored(Int128 value) {
  return static_cast<Stored>(value);
}
// A HUGEINT has the words of a Wide.
template <>
rows::Wide stored(Int128 value) {
  return rows::Wide::of(value);
}

// Writes integers or unscaled decimals as a `Stored`, in which every value of the type fits.
template <typename Stored>
Result<void> write_exact(const Column& column, SizedType type, std::size_t rows, void* to) {
  auto* const out = static_cast<Stored*>(to);
  const bool wide = type == ColumnType::decimal && rows::is_stored_as(column, type);
  for (std::size_t row = 0; row < rows; ++row) {
    if (column.is_null(row)) continue;
    if (wide) {
      out[row] = stored<Stored>(column.at<rows::Wide>(row).number());
      continue;
    }
    const auto value = rows::exact_at(column, row, type);
    if (!value) return fail(rows::value_refused(type));
    out[row] = stored<Stored>(*value);
  }
  return {};
}

// DuckDB stores a decimal in the smallest integer that has room for its digits.
Result<void> write_decimals(const Column& column, SizedType type, std::size_t rows, void* to) {
  const unsigned digits = type.size.precision;
  if (digits <= std::numeric_limits<std::int16_t>::digits10)
    return write_exact<std::int16_t>(column, type, rows, to);
  if (digits <= std::numeric_limits<std::int32_t>::digits10)
    return write_exact<std::int32_t>(column, type, rows, to);
  if (digits <= std::numeric_limits<std::int64_t>::digits10)
    return write_exact<std::int64_t>(column, type, rows, to);
  if (rows::is_stored_as(column, type)) {
    copy_values(column, type, rows, to);
    return {};
  }
  return write_exact<rows::Wide>(column, type, rows, to);
}

void write_doubles(const Column& column, std::size_t rows, void* to) {
  auto* const out = static_cast<double*>(to);
  for (std::size_t row = 0; row < rows; ++row) {
    if (!column.is_null(row)) out[row] = rows::double_at(column, row);
  }
}

void write_texts(const Column& column, std::size_t rows, duckdb_vector vector) {
  auto* const out = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
  rows::UuidText uuid;
  for (std::size_t row = 0; row < rows; ++row) {
    if (column.is_null(row)) continue;
    const std::string_view text = rows::text_at(column, row, uuid);
    duckdb_string_t& place = out[row];
    if (text.size() <= sizeof place.value.inlined.inlined) {
      // A short text lies in the vector itself, where a call for each would take most of the time. The unused
      // bytes are compared too.
      place = {};
      place.value.inlined.length = static_cast<std::uint32_t>(text.size());
      text.copy(place.value.inlined.inlined, text.size());
    } else {
      duckdb_unsafe_vector_assign_string_element_len(vector, row, text.data(), text.size());
    }
  }
}

Result<void> write_column(const Column& column, SizedType type, std::size_t rows, duckdb_vector vector) {
  if (column.validity != nullptr) {
    duckdb_vector_ensure_validity_writable(vector);
    std::copy_n(column.validity, (rows + 63) / 64, duckdb_vector_get_validity(vector));
  }
  void* const to = duckdb_vector_get_data(vector);
  if (type == ColumnType::decimal) return write_decimals(column, type, rows, to);
  if (rows::is_text(type)) {
    write_texts(column, rows, vector);
  } else if (rows::is_stored_as(column, type)) {
    copy_values(column, type, rows, to);
  } else if (type == ColumnType::float64) {
    write_doubles(column, rows, to);
  } else if (type == ColumnType::integer) {
    return write_exact<std::int32_t>(column, type, rows, to);
  } else {
    return write_exact<std::int64_t>(column, type, rows, to);
  }
  return {};
}

}  // namespace

LogicalType answer_type(SizedType type) {
  if (type == ColumnType::decimal)
    return LogicalType(duckdb_create_decimal_type(type.size.precision, type.size.scale));
  return LogicalType(
      duckdb_create_logical_type(rows::is_text(type) ? DUCKDB_TYPE_VARCHAR : stored_type(type)));
}

Result<DataChunk> chunk_of(const rows::Batch& batch, std::span<const SizedType> types) {
  std::vector<LogicalType> owned;
  std::vector<duckdb_logical_type> logical;
  for (const SizedType type : types) logical.push_back(owned.emplace_back(answer_type(type)).get());
  DataChunk chunk(duckdb_create_data_chunk(logical.data(), logical.size()));
  if (!chunk) return fail(answer_refused("a chunk cannot be allocated"));
  for (std::size_t c = 0; c < types.size(); ++c) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk.get(), c);
    if (auto written = write_column(batch.columns[c], types[c], batch.rows, vector); !written)
      return fail(std::move(written.error()));
  }
  duckdb_data_chunk_set_size(chunk.get(), batch.rows);
  return chunk;
}

}  // namespace offloader::duckdb
