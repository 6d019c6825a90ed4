#include "text_functions.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "accept_json.h"
#include "offloader/base/ascii.h"
#include "offloader/base/decimal.h"
#include "offloader/base/time_format.h"
#include "offloader/base/timestamp.h"
#include "offloader/base/uuid.h"
#include "scalar_function.h"

namespace offloader::duckdb {
namespace {

template <typename T>
bool parse_integer(std::string_view text, T& out) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

bool parse(std::string_view text, bool& out) {
  out = ascii::iequals(text, "true");
  return out || ascii::iequals(text, "false");
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
  out += 0.0;  // convert -0.0 to 0.0, so that a group of both does not return one by chance
  return error == std::errc{} && end == text.data() + text.size();
}
// Returns the number with a decimal point; nullopt if it has one already: with a decimal comma, a point is
// probably a thousands separator.
std::optional<std::string> with_point(std::string_view text) {
  if (text.find('.') != std::string_view::npos) return std::nullopt;
  std::string out(text);
  if (const auto comma = out.find(','); comma != std::string::npos) out[comma] = '.';
  return out;
}
struct CommaDouble {
  double value;
};
bool parse(std::string_view text, CommaDouble& out) {
  const auto pointed = with_point(text);
  return pointed && parse(*pointed, out.value);
}
std::optional<Int128> parse_decimal(std::string_view text, catalog::DecimalSize size, char decimal_sign) {
  if (decimal_sign == '.') return offloader::parse_decimal(text, size.precision, size.scale);
  const auto pointed = with_point(text);
  return pointed ? offloader::parse_decimal(*pointed, size.precision, size.scale) : std::nullopt;
}
bool parse(std::string_view text, duckdb_uhugeint& out) {
  const auto uuid = parse_uuid(text);
  // DuckDB stores a UUID with its first bit inverted.
  if (uuid) out = {uuid->low, uuid->high ^ (std::uint64_t{1} << 63)};
  return uuid.has_value();
}

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;
constexpr std::int32_t kFirstDay = -719'162;  // 0001-01-01
constexpr std::int32_t kLastDay = 2'932'896;  // 9999-12-31

bool in_years(std::int64_t micros) {
  return micros >= kFirstDay * kMicrosPerDay && micros < (kLastDay + std::int64_t{1}) * kMicrosPerDay;
}

bool take_days(std::optional<std::int32_t> days, duckdb_date& out) {
  out.days = days.value_or(0);
  return days && *days >= kFirstDay && *days <= kLastDay;
}
bool take_micros(std::optional<std::int64_t> micros, duckdb_timestamp& out) {
  out.micros = micros.value_or(0);
  return micros && in_years(*micros);
}
// A date pattern may include a time of day, which must be midnight.
std::optional<std::int32_t> days_in(std::optional<std::int64_t> micros) {
  if (!micros || *micros % kMicrosPerDay != 0) return std::nullopt;
  return static_cast<std::int32_t>(*micros / kMicrosPerDay);
}

bool parse(std::string_view text, duckdb_date& out) {
  return take_days(parse_date(text), out);
}
bool parse(std::string_view text, duckdb_timestamp& out) {
  return take_micros(parse_timestamp(text), out);
}
bool parse(std::string_view text, const TimeFormat& format, duckdb_date& out) {
  return take_days(days_in(format.read(text)), out);
}
bool parse(std::string_view text, const TimeFormat& format, duckdb_timestamp& out) {
  return take_micros(format.read(text), out);
}

std::string_view text_at(duckdb_vector vector, idx_t row) {
  auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
  return {duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row])};
}

enum class Converted { value, null, misfit };

// Calls `convert(text, row)` for each value that is not NULL. NULL stays NULL.
template <typename Convert>
void for_each_text(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output,
                   Convert convert) {
  const duckdb_vector source = duckdb_data_chunk_get_vector(input, 0);
  const std::uint64_t* valid = duckdb_vector_get_validity(source);
  const idx_t count = duckdb_data_chunk_get_size(input);
  std::uint64_t* out_valid = nullptr;
  for (idx_t row = 0; row < count; ++row) {
    const bool null =
        valid != nullptr && !duckdb_validity_row_is_valid(const_cast<std::uint64_t*>(valid), row);
    const Converted done = null ? Converted::null : convert(text_at(source, row), row);
    if (done == Converted::null) {
      if (out_valid == nullptr) {
        duckdb_vector_ensure_validity_writable(output);
        out_valid = duckdb_vector_get_validity(output);
      }
      duckdb_validity_set_row_invalid(out_valid, row);
    } else if (done == Converted::misfit) {
      duckdb_scalar_function_set_error(info, "offloader: a value does not fit its type");
      return;
    }
  }
}

// For every type but VARCHAR and JSON, empty text can only mean NULL: writers that quote every field have no
// other way to express it.
template <typename T>
void convert_scalar(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto* out = static_cast<T*>(duckdb_vector_get_data(output));
  for_each_text(info, input, output, [&](std::string_view text, idx_t row) {
    if (text.empty()) return Converted::null;
    return parse(text, out[row]) ? Converted::value : Converted::misfit;
  });
}

// JSON has no NaN and infinities, so a load converts them to NULL.
template <typename T>
void convert_double(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto* out = static_cast<double*>(duckdb_vector_get_data(output));
  for_each_text(info, input, output, [&](std::string_view text, idx_t row) {
    if (text.empty()) return Converted::null;
    T parsed{};
    if (!parse(text, parsed)) return Converted::misfit;
    if constexpr (std::is_same_v<T, double>) {
      out[row] = parsed;
    } else {
      out[row] = parsed.value;
    }
    return std::isfinite(out[row]) ? Converted::value : Converted::null;
  });
}

template <typename T>
void convert_by_format(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  if (duckdb_data_chunk_get_size(input) == 0) return;
  const auto format = TimeFormat::parse(text_at(duckdb_data_chunk_get_vector(input, 1), 0));
  if (!format) {
    duckdb_scalar_function_set_error(info, "offloader: no such pattern");
    return;
  }
  auto* out = static_cast<T*>(duckdb_vector_get_data(output));
  for_each_text(info, input, output, [&](std::string_view text, idx_t row) {
    if (text.empty()) return Converted::null;
    return parse(text, *format, out[row]) ? Converted::value : Converted::misfit;
  });
}

void convert_decimal(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  if (duckdb_data_chunk_get_size(input) == 0) return;
  const std::string_view format = text_at(duckdb_data_chunk_get_vector(input, 1), 0);
  const auto type = catalog::parse_column_type(format.substr(0, format.size() - 1));
  if (!type) {
    duckdb_scalar_function_set_error(info, "offloader: no such decimal type");
    return;
  }
  std::array<char, kDecimalBytes> text;
  for_each_text(info, input, output, [&](std::string_view written, idx_t row) {
    if (written.empty()) return Converted::null;
    const auto value = parse_decimal(written, type->size, format.back());
    if (!value) return Converted::misfit;
    const char* const end = write_decimal(text.data(), *value, type->size.scale);
    duckdb_vector_assign_string_element_len(output, row, text.data(), static_cast<idx_t>(end - text.data()));
    return Converted::value;
  });
}

void convert_json(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  for_each_text(info, input, output, [&](std::string_view text, idx_t row) {
    const auto document = accept_json(text);
    if (!document) return Converted::misfit;
    duckdb_vector_assign_string_element_len(output, row, document->data(), document->size());
    return Converted::value;
  });
}

}  // namespace

std::string decimal_format(const catalog::SizedType& type, char decimal_sign) {
  return catalog::name_of(type) + decimal_sign;
}

TextFit text_fit(const catalog::SizedType& type, std::string_view text, const manifest::CsvDialect& dialect) {
  using catalog::ColumnType;
  const auto fit = [](bool good) { return good ? TextFit::fits : TextFit::misfit; };
  if (type == ColumnType::json) return fit(accept_json(text).has_value());
  if (type == ColumnType::varchar || text.empty()) return TextFit::fits;
  switch (type.type) {
    case ColumnType::boolean: {
      bool value = false;
      return fit(parse(text, value));
    }
    case ColumnType::integer: {
      std::int32_t value = 0;
      return fit(parse(text, value));
    }
    case ColumnType::bigint: {
      std::int64_t value = 0;
      return fit(parse(text, value));
    }
    case ColumnType::float64: {
      double value = 0;
      CommaDouble with_comma{};
      return fit(dialect.decimal == ',' ? parse(text, with_comma) : parse(text, value));
    }
    case ColumnType::date: {
      duckdb_date value{};
      const auto days = dialect.date_format.empty()
                            ? parse_date(text)
                            : days_in(TimeFormat::parse(dialect.date_format)->read(text));
      if (take_days(days, value)) return TextFit::fits;
      return days ? TextFit::out_of_years : TextFit::misfit;
    }
    case ColumnType::decimal:
      return fit(parse_decimal(text, type.size, dialect.decimal).has_value());
    case ColumnType::uuid:
      return fit(parse_uuid(text).has_value());
    case ColumnType::timestamp:
    case ColumnType::timestamptz: {
      duckdb_timestamp value{};
      const auto micros = dialect.timestamp_format.empty()
                              ? parse_timestamp(text)
                              : TimeFormat::parse(dialect.timestamp_format)->read(text);
      if (take_micros(micros, value)) return TextFit::fits;
      return micros ? TextFit::out_of_years : TextFit::misfit;
    }
    case ColumnType::varchar:
    case ColumnType::json:
      break;
  }
  return TextFit::fits;
}

Result<void> register_text_functions(duckdb_connection connection) {
  constexpr ScalarFunction kFunctions[] = {
      {"offloader_boolean", DUCKDB_TYPE_BOOLEAN, guarded<convert_scalar<bool>>},
      {"offloader_integer", DUCKDB_TYPE_INTEGER, guarded<convert_scalar<std::int32_t>>},
      {"offloader_bigint", DUCKDB_TYPE_BIGINT, guarded<convert_scalar<std::int64_t>>},
      {"offloader_double", DUCKDB_TYPE_DOUBLE, guarded<convert_double<double>>},
      {"offloader_double_comma", DUCKDB_TYPE_DOUBLE, guarded<convert_double<CommaDouble>>},
      {"offloader_date", DUCKDB_TYPE_DATE, guarded<convert_scalar<duckdb_date>>},
      {"offloader_timestamp", DUCKDB_TYPE_TIMESTAMP, guarded<convert_scalar<duckdb_timestamp>>},
      {"offloader_timestamptz", DUCKDB_TYPE_TIMESTAMP_TZ, guarded<convert_scalar<duckdb_timestamp>>},
      {"offloader_uuid", DUCKDB_TYPE_UUID, guarded<convert_scalar<duckdb_uhugeint>>},
      {"offloader_decimal", DUCKDB_TYPE_VARCHAR, guarded<convert_decimal>, 2},
      {"offloader_date_as", DUCKDB_TYPE_DATE, guarded<convert_by_format<duckdb_date>>, 2},
      {"offloader_timestamp_as", DUCKDB_TYPE_TIMESTAMP, guarded<convert_by_format<duckdb_timestamp>>, 2},
      {"offloader_timestamptz_as", DUCKDB_TYPE_TIMESTAMP_TZ, guarded<convert_by_format<duckdb_timestamp>>, 2},
      {"offloader_json", DUCKDB_TYPE_VARCHAR, guarded<convert_json>},
  };
  for (const ScalarFunction& function : kFunctions) {
    if (auto done = register_scalar_function(connection, function); !done) return done;
  }
  return {};
}

}  // namespace offloader::duckdb
