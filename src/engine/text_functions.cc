#include "text_functions.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "offloader/base/timestamp.h"
#include "offloader/base/utf8.h"

namespace offloader::engine {
namespace {

// A strict reader of RFC 8259 that copies what it reads, so that a non-finite number can be left out of the
// copy.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  bool document() {
    skip_space();
    if (!value(0)) return false;
    skip_space();
    if (at_ != text_.size()) return false;
    out_.append(text_.substr(copied_));
    return true;
  }
  std::string take() { return std::move(out_); }

 private:
  static constexpr int kMaxDepth = 512;

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }
  bool non_finite(std::string_view spelling) {
    const auto begin = at_;
    if (!word(spelling)) return false;
    out_.append(text_.substr(copied_, begin - copied_)).append("null");
    copied_ = at_;
    return true;
  }
  bool digits() {
    const auto begin = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > begin;
  }
  bool number() {
    if (peek() == '-') ++at_;
    if (peek() == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (peek() == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    return true;
  }
  bool string() {
    ++at_;
    while (at_ < text_.size()) {
      const auto c = static_cast<unsigned char>(text_[at_++]);
      if (c == '"') return true;
      if (c < 0x20) return false;
      if (c != '\\') continue;
      const char escape = peek();
      ++at_;
      if (escape == 'u') {
        for (int i = 0; i < 4; ++i, ++at_) {
          if (std::isxdigit(static_cast<unsigned char>(peek())) == 0) return false;
        }
      } else if (escape == '\0' || std::strchr("\"\\/bfnrt", escape) == nullptr) {
        return false;
      }
    }
    return false;
  }
  bool members(char close, bool object, int depth) {
    ++at_;
    skip_space();
    if (peek() == close) return ++at_, true;
    while (true) {
      skip_space();
      if (object) {
        if (peek() != '"' || !string()) return false;
        skip_space();
        if (peek() != ':') return false;
        ++at_;
        skip_space();
      }
      if (!value(depth + 1)) return false;
      skip_space();
      const char next = peek();
      ++at_;
      if (next == close) return true;
      if (next != ',') return false;
    }
  }
  bool value(int depth) {
    if (depth > kMaxDepth) return false;
    switch (peek()) {
      case '{':
        return members('}', true, depth);
      case '[':
        return members(']', false, depth);
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return non_finite("nan") || word("null");
      case 'N':
        return non_finite("NaN");
      case 'I':
        return non_finite("Infinity");
      case 'i':
        return non_finite("inf");
      case '-':
        return non_finite("-Infinity") || non_finite("-inf") || non_finite("-NaN") || non_finite("-nan") ||
               number();
      default:
        return number();
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t copied_ = 0;
  std::string out_;
};

template <typename T>
bool parse_integer(std::string_view text, T& out) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

bool parse(std::string_view text, bool& out) {
  const auto equals = [&](std::string_view word) {
    if (text.size() != word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (std::tolower(static_cast<unsigned char>(text[i])) != word[i]) return false;
    }
    return true;
  };
  out = equals("true");
  return out || equals("false");
}
bool parse(std::string_view text, std::int32_t& out) {
  return parse_integer(text, out);
}
bool parse(std::string_view text, std::int64_t& out) {
  return parse_integer(text, out);
}
bool parse(std::string_view text, double& out) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  out += 0.0;  // -0.0 becomes 0.0: see parquet_expression
  return error == std::errc{} && end == text.data() + text.size();
}
bool parse(std::string_view text, duckdb_date& out) {
  const auto days = parse_date(text);
  out.days = days.value_or(0);
  return days.has_value();
}
bool parse(std::string_view text, duckdb_timestamp& out) {
  const auto micros = parse_timestamp(text);
  out.micros = micros.value_or(0);
  return micros.has_value();
}

std::string_view text_at(duckdb_vector vector, idx_t row) {
  auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
  return {duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row])};
}

// Calls `convert(text, row)` for each value; it returns whether the value fits. NULLs are passed through.
template <typename Convert>
void for_each_text(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output,
                   Convert convert) {
  const duckdb_vector source = duckdb_data_chunk_get_vector(input, 0);
  const std::uint64_t* valid = duckdb_vector_get_validity(source);
  const idx_t count = duckdb_data_chunk_get_size(input);
  std::uint64_t* out_valid = nullptr;
  for (idx_t row = 0; row < count; ++row) {
    if (valid != nullptr && !duckdb_validity_row_is_valid(const_cast<std::uint64_t*>(valid), row)) {
      if (out_valid == nullptr) {
        duckdb_vector_ensure_validity_writable(output);
        out_valid = duckdb_vector_get_validity(output);
      }
      duckdb_validity_set_row_invalid(out_valid, row);
    } else if (!convert(text_at(source, row), row)) {
      duckdb_scalar_function_set_error(info, "offloader: a value does not fit its type");
      return;
    }
  }
}

template <typename T>
void convert_scalar(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto* out = static_cast<T*>(duckdb_vector_get_data(output));
  for_each_text(info, input, output, [&](std::string_view text, idx_t row) { return parse(text, out[row]); });
}

void convert_json(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  for_each_text(info, input, output, [&](std::string_view text, idx_t row) {
    const auto document = accept_json(text);
    if (!document) return false;
    duckdb_vector_assign_string_element_len(output, row, document->data(), document->size());
    return true;
  });
}

}  // namespace

std::optional<std::string> accept_json(std::string_view text) {
  if (!is_utf8(text)) return std::nullopt;
  JsonReader reader(text);
  if (!reader.document()) return std::nullopt;
  return reader.take();
}

Result<void> register_text_functions(duckdb_connection connection) {
  struct Function {
    const char* name;
    duckdb_type returns;
    duckdb_scalar_function_t body;
  };
  constexpr Function kFunctions[] = {
      {"offloader_boolean", DUCKDB_TYPE_BOOLEAN, convert_scalar<bool>},
      {"offloader_integer", DUCKDB_TYPE_INTEGER, convert_scalar<std::int32_t>},
      {"offloader_bigint", DUCKDB_TYPE_BIGINT, convert_scalar<std::int64_t>},
      {"offloader_double", DUCKDB_TYPE_DOUBLE, convert_scalar<double>},
      {"offloader_date", DUCKDB_TYPE_DATE, convert_scalar<duckdb_date>},
      {"offloader_timestamp", DUCKDB_TYPE_TIMESTAMP, convert_scalar<duckdb_timestamp>},
      {"offloader_json", DUCKDB_TYPE_VARCHAR, convert_json},
  };
  for (const auto& entry : kFunctions) {
    duckdb_scalar_function function = duckdb_create_scalar_function();
    duckdb_logical_type text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    duckdb_logical_type returns = duckdb_create_logical_type(entry.returns);
    duckdb_scalar_function_set_name(function, entry.name);
    duckdb_scalar_function_add_parameter(function, text);
    duckdb_scalar_function_set_return_type(function, returns);
    duckdb_scalar_function_set_special_handling(function);
    duckdb_scalar_function_set_function(function, entry.body);
    const auto state = duckdb_register_scalar_function(connection, function);
    duckdb_destroy_logical_type(&text);
    duckdb_destroy_logical_type(&returns);
    duckdb_destroy_scalar_function(&function);
    if (state != DuckDBSuccess)
      return fail(ErrorCode::internal, "The engine failed.", "cannot register a function");
  }
  return {};
}

}  // namespace offloader::engine
