#include "nested_json.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "duckdb_batch.h"
#include "duckdb_handle.h"
#include "duckdb_reads.h"
#include "offloader/base/decimal.h"
#include "offloader/base/json_text.h"
#include "offloader/base/uuid.h"
#include "scalar_function.h"

namespace offloader::duckdb {
namespace {

std::string taken(char* text) {
  std::string out = text == nullptr ? "" : text;
  duckdb_free(text);
  return out;
}

// As to_json() writes doubles, so that documents with and without decimals have the same numbers: shortest
// digits, a point from 1e-6 up and below 1e21, else an exponent.
void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char text[32];
  const auto end =
      std::to_chars(text, text + sizeof text, std::fabs(value), std::chars_format::scientific).ptr;
  const std::string_view written(text, static_cast<std::size_t>(end - text));
  const std::size_t exponent_at = written.find('e');
  std::string digits(1, written[0]);
  if (exponent_at > 2) digits += written.substr(2, exponent_at - 2);
  int exponent = 0;
  const char* const begin = written.data() + exponent_at + (written[exponent_at + 1] == '+' ? 2 : 1);
  std::from_chars(begin, end, exponent);
  if (std::signbit(value)) out += '-';
  const int point = value == 0 ? 1 : exponent + 1;  // its place among the digits
  const int count = static_cast<int>(digits.size());
  if (point <= -6 || point > 21) {
    out += digits[0];
    if (count > 1) out.append(".").append(digits, 1);
    out += 'e' + std::to_string(exponent);
  } else if (point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  } else if (count <= point) {
    out.append(digits).append(static_cast<std::size_t>(point - count), '0').append(".0");
  } else {
    out.append(digits, 0, static_cast<std::size_t>(point))
        .append(".")
        .append(digits, static_cast<std::size_t>(point));
  }
}

// Writes the values of one vector. A view of the chunk's vectors.
class Values {
 public:
  explicit Values(duckdb_vector vector) {
    const LogicalType type(duckdb_vector_get_column_type(vector));
    type_ = duckdb_get_type_id(type.get());
    data_ = duckdb_vector_get_data(vector);
    validity_ = duckdb_vector_get_validity(vector);
    switch (type_) {
      case DUCKDB_TYPE_DECIMAL:
        scale_ = duckdb_decimal_scale(type.get());
        stored_ = duckdb_decimal_internal_type(type.get());
        break;
      case DUCKDB_TYPE_VARCHAR:
        document_ = taken(duckdb_logical_type_get_alias(type.get())) == "JSON";
        break;
      case DUCKDB_TYPE_LIST:
        children_.emplace_back(duckdb_list_vector_get_child(vector));
        break;
      case DUCKDB_TYPE_MAP: {
        const duckdb_vector entries = duckdb_list_vector_get_child(vector);
        children_.emplace_back(duckdb_struct_vector_get_child(entries, 0));
        children_.emplace_back(duckdb_struct_vector_get_child(entries, 1));
        break;
      }
      case DUCKDB_TYPE_ARRAY:
        children_.emplace_back(duckdb_array_vector_get_child(vector));
        length_ = duckdb_array_type_array_size(type.get());
        break;
      case DUCKDB_TYPE_STRUCT:
        for (idx_t i = 0; i < duckdb_struct_type_child_count(type.get()); ++i) {
          children_.emplace_back(duckdb_struct_vector_get_child(vector, i));
          json::append_string(labels_.emplace_back(), taken(duckdb_struct_type_child_name(type.get(), i)));
          labels_.back() += ':';
        }
        break;
      default:
        break;
    }
  }

  [[nodiscard]] bool is_null(idx_t row) const {
    return validity_ != nullptr && (validity_[row / 64] >> (row % 64) & 1) == 0;
  }

  // Appends the value of a row as JSON. Returns false if the type is not supported.
  [[nodiscard]] bool write(std::string& out, idx_t row) const {
    if (is_null(row)) {
      out += "null";
      return true;
    }
    switch (type_) {
      case DUCKDB_TYPE_LIST: {
        const auto entry = at<duckdb_list_entry>(row);
        return write_list(out, entry.offset, entry.length);
      }
      case DUCKDB_TYPE_ARRAY:
        return write_list(out, row * length_, length_);
      case DUCKDB_TYPE_MAP:
        return write_map(out, at<duckdb_list_entry>(row));
      case DUCKDB_TYPE_STRUCT:
        return write_struct(out, row);
      default:
        return write_leaf(out, row);
    }
  }

 private:
  template <typename T>
  [[nodiscard]] const T& at(idx_t row) const {
    return static_cast<const T*>(data_)[row];
  }

  bool write_list(std::string& out, idx_t offset, idx_t length) const {
    out += '[';
    for (idx_t i = 0; i < length; ++i) {
      if (i > 0) out += ',';
      if (!children_[0].write(out, offset + i)) return false;
    }
    out += ']';
    return true;
  }

  bool write_map(std::string& out, duckdb_list_entry entry) const {
    out += '{';
    std::string key;
    for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
      if (i > entry.offset) out += ',';
      key.clear();
      if (!children_[0].write(key, i)) return false;
      if (key.starts_with('"')) {
        out += key;
      } else {
        json::append_string(out, key);
      }
      out += ':';
      if (!children_[1].write(out, i)) return false;
    }
    out += '}';
    return true;
  }

  bool write_struct(std::string& out, idx_t row) const {
    out += '{';
    for (std::size_t i = 0; i < children_.size(); ++i) {
      if (i > 0) out += ',';
      out += labels_[i];
      if (!children_[i].write(out, row)) return false;
    }
    out += '}';
    return true;
  }

  void write_decimal_of(std::string& out, idx_t row) const {
    switch (stored_) {
      case DUCKDB_TYPE_SMALLINT:
        return append_decimal(out, at<std::int16_t>(row), scale_);
      case DUCKDB_TYPE_INTEGER:
        return append_decimal(out, at<std::int32_t>(row), scale_);
      case DUCKDB_TYPE_BIGINT:
        return append_decimal(out, at<std::int64_t>(row), scale_);
      default:
        return append_decimal(out, at<rows::Wide>(row).number(), scale_);
    }
  }

  // The texts of DuckDB's infinite dates and timestamps, as to_json() writes them.
  template <typename Number, typename Append>
  static void write_time(std::string& out, Number value, Append append) {
    constexpr Number kInfinite = std::numeric_limits<Number>::max();
    if (value == kInfinite || value == -kInfinite) {
      out += value > 0 ? R"("infinity")" : R"("-infinity")";
    } else {
      append(out, value);
    }
  }

  bool write_leaf(std::string& out, idx_t row) const {
    switch (type_) {
      case DUCKDB_TYPE_SQLNULL:
        out += "null";
        return true;
      case DUCKDB_TYPE_BOOLEAN:
        json::append_bool(out, at<bool>(row));
        return true;
      case DUCKDB_TYPE_TINYINT:
        json::append_int(out, at<std::int8_t>(row));
        return true;
      case DUCKDB_TYPE_SMALLINT:
        json::append_int(out, at<std::int16_t>(row));
        return true;
      case DUCKDB_TYPE_INTEGER:
        json::append_int(out, at<std::int32_t>(row));
        return true;
      case DUCKDB_TYPE_BIGINT:
        json::append_int(out, at<std::int64_t>(row));
        return true;
      case DUCKDB_TYPE_UTINYINT:
        json::append_uint(out, at<std::uint8_t>(row));
        return true;
      case DUCKDB_TYPE_USMALLINT:
        json::append_uint(out, at<std::uint16_t>(row));
        return true;
      case DUCKDB_TYPE_UINTEGER:
        json::append_uint(out, at<std::uint32_t>(row));
        return true;
      case DUCKDB_TYPE_UBIGINT:
        json::append_uint(out, at<std::uint64_t>(row));
        return true;
      case DUCKDB_TYPE_HUGEINT:
        json::append_int128(out, at<rows::Wide>(row).number());
        return true;
      case DUCKDB_TYPE_FLOAT:
        append_number(out, static_cast<double>(at<float>(row)));
        return true;
      case DUCKDB_TYPE_DOUBLE:
        append_number(out, at<double>(row));
        return true;
      case DUCKDB_TYPE_DECIMAL:
        write_decimal_of(out, row);
        return true;
      case DUCKDB_TYPE_DATE:
        write_time(out, at<std::int32_t>(row), json::append_date);
        return true;
      case DUCKDB_TYPE_TIMESTAMP:
        write_time(out, at<std::int64_t>(row), json::append_timestamp);
        return true;
      case DUCKDB_TYPE_TIMESTAMP_TZ:
        write_time(out, at<std::int64_t>(row), json::append_instant);
        return true;
      case DUCKDB_TYPE_TIMESTAMP_NS:
        write_time(out, at<std::int64_t>(row), [](std::string& text, std::int64_t nanos) {
          // Rounds down to the microsecond, as in a column.
          json::append_timestamp(text, nanos / 1000 - (nanos % 1000 < 0 ? 1 : 0));
        });
        return true;
      case DUCKDB_TYPE_UUID: {
        const auto words = at<rows::Wide>(row);
        out += '"';
        append_uuid(out, {words.high ^ (std::uint64_t{1} << 63), words.low});
        out += '"';
        return true;
      }
      case DUCKDB_TYPE_VARCHAR: {
        const std::string_view text = view_of(at<duckdb_string_t>(row));
        if (document_) {
          out += text;
        } else {
          json::append_string(out, text);
        }
        return true;
      }
      default:
        return false;
    }
  }

  duckdb_type type_ = DUCKDB_TYPE_INVALID;
  const void* data_ = nullptr;
  const std::uint64_t* validity_ = nullptr;
  std::uint8_t scale_ = 0;
  duckdb_type stored_ = DUCKDB_TYPE_INVALID;  // of a decimal
  bool document_ = false;                     // VARCHAR: a JSON document
  idx_t length_ = 0;                          // of an ARRAY
  std::vector<Values> children_;
  std::vector<std::string> labels_;  // of a STRUCT: `"name":`
};

void write_documents(duckdb_function_info info, duckdb_data_chunk chunk, duckdb_vector out) {
  const Values values(duckdb_data_chunk_get_vector(chunk, 0));
  const idx_t rows = duckdb_data_chunk_get_size(chunk);
  std::uint64_t* validity = nullptr;
  std::string document;
  for (idx_t row = 0; row < rows; ++row) {
    if (values.is_null(row)) {
      if (validity == nullptr) {
        duckdb_vector_ensure_validity_writable(out);
        validity = duckdb_vector_get_validity(out);
      }
      duckdb_validity_set_row_invalid(validity, row);
      continue;
    }
    document.clear();
    bool written = false;
    {
      const DuckdbReads reads;
      written = values.write(document, row);
    }
    if (!written) {
      duckdb_scalar_function_set_error(info, "offloader: a nested type that documents do not support");
      return;
    }
    duckdb_vector_assign_string_element_len(out, row, document.data(), document.size());
  }
}

}  // namespace

Result<void> register_nested_json(duckdb_connection connection) {
  return register_scalar_function(
      connection, {"offloader_nested_json", DUCKDB_TYPE_VARCHAR, guarded<write_documents>, 0});
}

}  // namespace offloader::duckdb
