#include "parquet_types.h"

#include <fmt/format.h>

#include <charconv>

#include "file_source.h"
#include "nested_json.h"

namespace offloader::duckdb {
namespace {

using catalog::ColumnType;
using catalog::SizedType;

constexpr std::string_view kDates = "BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'";
constexpr std::string_view kTimestamps =
    "BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'";
constexpr std::string_view kInstants =
    "BETWEEN TIMESTAMPTZ '0001-01-01 00:00:00+00' AND TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'";
constexpr const char* kYears = "is outside the years 0001 to 9999. Correct it, or export it as NULL.";
constexpr const char* kRaise = "error('a value does not fit its declared type')";

// A decimal number with at most this many digits converts to a double and back without a change.
constexpr int kDoubleDigits = 15;

struct Integer {
  std::string_view type;
  int bits;    // of the magnitude
  int digits;  // at most
};
constexpr Integer kIntegers[] = {{"TINYINT", 7, 3},    {"UTINYINT", 8, 3},  {"SMALLINT", 15, 5},
                                 {"USMALLINT", 16, 5}, {"INTEGER", 31, 10}, {"UINTEGER", 32, 10},
                                 {"BIGINT", 63, 19},   {"UBIGINT", 64, 20}, {"HUGEINT", 127, 39},
                                 {"UHUGEINT", 128, 39}};

// Returns the bits of an integer type's magnitude; 0 for other types.
int integer_bits(std::string_view type) {
  for (const auto& integer : kIntegers) {
    if (integer.type == type) return integer.bits;
  }
  return 0;
}
// The same for the digits.
int integer_digits(std::string_view type) {
  for (const auto& integer : kIntegers) {
    if (integer.type == type) return integer.digits;
  }
  return 0;
}

struct Decimal {
  int precision = 0;
  int scale = 0;
};
std::optional<Decimal> decimal_of(std::string_view type) {
  constexpr std::string_view kBegin = "DECIMAL(";
  if (!type.starts_with(kBegin)) return std::nullopt;
  Decimal out;
  const char* const end = type.data() + type.size();
  const auto precision = std::from_chars(type.data() + kBegin.size(), end, out.precision);
  if (precision.ec != std::errc{} || precision.ptr == end) return std::nullopt;
  const auto scale = std::from_chars(precision.ptr + 1, end, out.scale);
  if (scale.ec != std::errc{}) return std::nullopt;
  return out;
}

bool is_float(std::string_view type) {
  return type == "FLOAT" || type == "DOUBLE";
}
bool is_time(std::string_view type) {
  return type == "TIME" || type == "TIME_NS" || type == "TIME WITH TIME ZONE";
}
bool is_nested(std::string_view type) {
  return type.ends_with("]") || type.starts_with("STRUCT(") || type.starts_with("MAP(");
}

ParquetReading plain(std::string expression) {
  return {expression, expression, expression, {}, {}};
}

// `value` never raises an error, and may be NULL where it does not fit. `fits` is false or NULL where it must
// not be used.
ParquetReading checked(const std::string& raw, const std::string& value, const std::string& fits,
                       std::string reason) {
  const auto expression =
      fmt::format("CASE WHEN {} THEN {} WHEN {} IS NOT NULL THEN {} END", fits, value, raw, kRaise);
  return {expression, expression, expression, fmt::format("NOT coalesce({}, false)", fits),
          std::move(reason)};
}

std::optional<ParquetReading> whole_number(ColumnType declared, std::string_view type,
                                           const std::string& raw) {
  const std::string name = sql_type(declared);
  const int bits = declared == ColumnType::integer ? 31 : 63;
  const auto value = fmt::format("TRY_CAST({} AS {})", raw, name);
  const auto range =
      declared == ColumnType::integer
          ? "is outside the range of INTEGER, -2147483648 to 2147483647. Declare BIGINT."
          : "is outside the range of BIGINT, -9223372036854775808 to 9223372036854775807. Export "
            "the column as VARCHAR and declare VARCHAR.";
  const auto decimal = decimal_of(type);
  const bool narrow = (integer_bits(type) > 0 && integer_bits(type) <= bits) ||
                      (decimal && decimal->precision <= (declared == ColumnType::integer ? 9 : 18));
  if (integer_bits(type) > 0 || (decimal && decimal->scale == 0)) {
    auto reading = plain(fmt::format("CAST({} AS {})", raw, name));
    if (!narrow) {
      reading.misfit = value + " IS NULL";
      reading.reason = range;
    }
    return reading;
  }
  if (!is_float(type)) return std::nullopt;
  // Data frames store integers with gaps as DOUBLE, with NaN for the gaps.
  const auto expression = fmt::format(
      "CASE WHEN isfinite({0}) THEN CASE WHEN {0} = trunc({0}) THEN CAST({0} AS {1}) ELSE {2} END "
      "END",
      raw, name, kRaise);
  auto reading = plain(expression);
  reading.misfit = fmt::format("isfinite({0}) AND ({0} <> trunc({0}) OR {1} IS NULL)", raw, value);
  reading.reason = fmt::format(
      "is not a whole number in the range of {}. Declare DOUBLE, or round it in the export.", name);
  return reading;
}

std::optional<ParquetReading> double_number(std::string_view type, const std::string& raw) {
  // -0.0 and 0.0 are equal, so it would be arbitrary which of them a sort or a group returns: convert -0.0 to
  // 0.0. NaN and infinities do not exist in JSON: convert them to NULL here, so that filters, orders and
  // aggregates treat them as NULL too.
  if (is_float(type)) {
    return plain(
        fmt::format("CASE WHEN isfinite({0}) THEN CAST({0} AS DOUBLE) + CAST(0 AS DOUBLE) END", raw));
  }
  const char* const reason =
      "has more digits than a DOUBLE can hold. Export it as DOUBLE if it may be rounded, else as VARCHAR and "
      "declare VARCHAR.";
  if (const int bits = integer_bits(type); bits > 0) {
    const auto value = fmt::format("CAST({} AS DOUBLE)", raw);
    if (bits <= 53) return plain(value);
    return checked(raw, value, fmt::format("TRY_CAST({} AS {}) = {}", value, type, raw), reason);
  }
  const auto decimal = decimal_of(type);
  if (!decimal) return std::nullopt;
  if (decimal->precision <= kDoubleDigits) return plain(fmt::format("CAST({} AS DOUBLE)", raw));
  // Convert through text, because DuckDB's own cast of wide decimals rounds twice.
  const auto value = fmt::format("CAST(CAST({} AS VARCHAR) AS DOUBLE)", raw);
  return checked(raw, value, fmt::format("TRY_CAST(CAST({} AS VARCHAR) AS {}) = {}", value, type, raw),
                 reason);
}

std::optional<ParquetReading> decimal_number(const SizedType& declared, std::string_view type,
                                             const std::string& raw) {
  const std::string name = sql_type(declared);
  const auto value = fmt::format("TRY_CAST({} AS {})", raw, name);
  if (const int digits = integer_digits(type); digits > 0) {
    auto reading = plain(fmt::format("CAST({} AS {})", raw, name));
    if (digits > declared.size.whole()) {
      reading.misfit = value + " IS NULL";
      reading.reason = fmt::format("has more digits than {}. Declare more.", name);
    }
    return reading;
  }
  const auto decimal = decimal_of(type);
  if (!decimal) return std::nullopt;
  if (decimal->scale <= declared.size.scale && decimal->precision - decimal->scale <= declared.size.whole()) {
    return plain(fmt::format("CAST({} AS {})", raw, name));
  }
  // DuckDB rounds when it casts to a smaller scale, so compare the result with the value.
  return checked(
      raw, value, fmt::format("TRY_CAST({} AS {}) = {}", value, type, raw),
      fmt::format("does not fit {} exactly. Declare more digits, or round it in the export.", name));
}

std::optional<ParquetReading> date(std::string_view type, const std::string& raw) {
  if (type == "DATE") {
    ParquetReading reading = checked(raw, raw, fmt::format("{} {}", raw, kDates), kYears);
    reading.scanned = raw;
    reading.guarded = fmt::format("CASE WHEN {0} {1} THEN {0} END", raw, kDates);
    return reading;
  }
  if (!type.starts_with("TIMESTAMP")) return std::nullopt;
  const auto day = fmt::format("TRY_CAST({} AS DATE)", raw);
  const auto midnight = type == "TIMESTAMP_NS"
                            ? fmt::format("TRY(epoch_ns({}) % 86400000000000) = 0", raw)
                            : fmt::format("TRY_CAST({} AS TIMESTAMP) = TRY_CAST({} AS TIMESTAMP)", raw, day);
  ParquetReading reading =
      checked(raw, day, fmt::format("{} {} AND {}", day, kDates, midnight),
              "is not at midnight in the years 0001 to 9999. Declare TIMESTAMP, or export a DATE.");
  reading.scanned = reading.guarded = fmt::format("CASE WHEN {} {} THEN CASE WHEN {} THEN {} ELSE {} END END",
                                                  day, kDates, midnight, day, kRaise);
  return reading;
}

std::optional<ParquetReading> timestamp(std::string_view type, const std::string& raw) {
  if (!type.starts_with("TIMESTAMP") && type != "DATE") return std::nullopt;
  std::string value = fmt::format("TRY_CAST({} AS TIMESTAMP)", raw);
  std::string scanned = fmt::format("CAST({} AS TIMESTAMP)", raw);
  if (type == "TIMESTAMP_NS") {
    // DuckDB's cast truncates nanoseconds towards 1970, which moves earlier times to a later microsecond.
    // Round down instead.
    const auto nanos = fmt::format("TRY(epoch_ns({}))", raw);
    value = fmt::format("make_timestamp(({0} - (({0} % 1000) + 1000) % 1000) // 1000)", nanos);
    scanned = value;
  }
  ParquetReading reading = checked(raw, value, fmt::format("{} {}", value, kTimestamps), kYears);
  reading.scanned = scanned;
  reading.guarded = fmt::format("CASE WHEN {0} {1} THEN {0} END", value, kTimestamps);
  return reading;
}

// A TIMESTAMP without time zone is in UTC, which is the time zone of every connection.
std::optional<ParquetReading> instant(std::string_view type, const std::string& raw) {
  if (!type.starts_with("TIMESTAMP")) return std::nullopt;
  std::string value = raw;
  if (type != "TIMESTAMP WITH TIME ZONE") {
    const auto plain_time = timestamp(type, raw);
    value = fmt::format("TRY_CAST({} AS TIMESTAMPTZ)", type == "TIMESTAMP_NS"
                                                           ? plain_time->scanned
                                                           : fmt::format("TRY_CAST({} AS TIMESTAMP)", raw));
  }
  ParquetReading reading = checked(raw, value, fmt::format("{} {}", value, kInstants), kYears);
  reading.scanned = value;
  reading.guarded = fmt::format("CASE WHEN {0} {1} THEN {0} END", value, kInstants);
  return reading;
}

std::optional<ParquetReading> uuid(std::string_view type, const std::string& raw) {
  if (type == "UUID") return plain(raw);
  if (type != "VARCHAR") return std::nullopt;
  // DuckDB's cast accepts more forms.
  constexpr std::string_view kForm = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
  return checked(raw, fmt::format("TRY_CAST({} AS UUID)", raw),
                 fmt::format("regexp_full_match({}, '{}')", raw, kForm),
                 "is not a UUID of 36 characters. Correct it, or declare VARCHAR.");
}

std::optional<ParquetReading> text(std::string_view type, const std::string& raw) {
  if (type == "VARCHAR") return plain(raw);
  if (type == "UUID" || type.starts_with("ENUM(") || is_time(type)) {
    return plain(fmt::format("CAST({} AS VARCHAR)", raw));
  }
  if (type != "BLOB") return std::nullopt;
  auto reading = plain(fmt::format("decode({})", raw));
  reading.misfit = fmt::format("TRY(decode({})) IS NULL", raw);
  reading.reason = "is not UTF-8. Export the column as text.";
  return reading;
}

std::optional<ParquetReading> document(std::string_view type, const std::string& raw) {
  if (is_nested(type)) return plain(fmt::format("offloader_json({})", nested_sql(type, raw)));
  if (type == "VARIANT") {
    // Cast to JSON, a NULL VARIANT would be the document `null`.
    return plain(fmt::format(
        "CASE WHEN {0} IS NOT NULL THEN offloader_json(CAST(CAST({0} AS JSON) AS VARCHAR)) END", raw));
  }
  if (type != "JSON" && type != "VARCHAR") return std::nullopt;
  auto reading = plain(fmt::format("offloader_json(CAST({} AS VARCHAR))", raw));
  reading.misfit = fmt::format("TRY({}) IS NULL", reading.loaded);
  reading.reason = "is not valid JSON (RFC 8259). Correct it, or declare VARCHAR.";
  return reading;
}

}  // namespace

std::optional<ParquetReading> parquet_reading(const SizedType& declared, std::string_view type,
                                              const std::string& raw) {
  if (type == kNullType) return plain(fmt::format("CAST(NULL AS {})", sql_type(declared)));
  switch (declared.type) {
    case ColumnType::boolean:
      if (type == "BOOLEAN") return plain(raw);
      return std::nullopt;
    case ColumnType::integer:
    case ColumnType::bigint:
      return whole_number(declared, type, raw);
    case ColumnType::float64:
      return double_number(type, raw);
    case ColumnType::decimal:
      return decimal_number(declared, type, raw);
    case ColumnType::date:
      return date(type, raw);
    case ColumnType::timestamp:
      return timestamp(type, raw);
    case ColumnType::timestamptz:
      return instant(type, raw);
    case ColumnType::uuid:
      return uuid(type, raw);
    case ColumnType::varchar:
      return text(type, raw);
    case ColumnType::json:
      return document(type, raw);
  }
  return std::nullopt;
}

std::optional<SizedType> parquet_draft(std::string_view type) {
  if (type == kNullType) return ColumnType::varchar;
  if (type == "BOOLEAN") return ColumnType::boolean;
  if (const int bits = integer_bits(type); bits > 0) {
    return bits <= 31 ? ColumnType::integer : ColumnType::bigint;
  }
  if (const auto decimal = decimal_of(type)) {
    if (decimal->scale > 0) return catalog::decimal_type(decimal->precision, decimal->scale);
    return decimal->precision <= 9 ? ColumnType::integer : ColumnType::bigint;
  }
  if (is_float(type)) return ColumnType::float64;
  if (type == "DATE") return ColumnType::date;
  if (type == "TIMESTAMP WITH TIME ZONE") return ColumnType::timestamptz;
  if (type.starts_with("TIMESTAMP")) return ColumnType::timestamp;
  if (type == "UUID") return ColumnType::uuid;
  // Before the scalar types, because STRUCT(a VARCHAR)[] contains one of their names.
  if (type == "JSON" || type == "VARIANT" || is_nested(type)) return ColumnType::json;
  if (text(type, "")) return ColumnType::varchar;
  return std::nullopt;
}

std::string parquet_type_advice(const SizedType& declared, std::string_view type) {
  const auto draft = parquet_draft(type);
  const auto decimal = decimal_of(type);
  if (decimal && declared == ColumnType::varchar) {
    return decimal->scale == 0
               ? "Declare BIGINT if its values fit, else cast it to VARCHAR in the export."
               : fmt::format("Declare {}, or cast it to VARCHAR in the export.", catalog::name_of(*draft));
  }
  if (decimal && (declared == ColumnType::integer || declared == ColumnType::bigint)) {
    return fmt::format("Declare {}, or cast it to whole numbers in the export.", catalog::name_of(*draft));
  }
  if (declared == ColumnType::uuid && type == "BLOB")
    return "Write the column with Parquet's logical type UUID, or cast it to VARCHAR in the export.";
  if (!draft) return fmt::format("Cast it to {} in the export.", catalog::name_of(declared));
  return fmt::format("Declare {}, or cast it to {} in the export.", catalog::name_of(*draft),
                     catalog::name_of(declared));
}

}  // namespace offloader::duckdb
