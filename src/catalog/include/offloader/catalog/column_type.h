#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/catalog/table.h"

// The table of column types: what a dataset's schema may declare, and everything that follows from the type
// alone. To add a type, add an enumerator and a row; the compiler then flags the switches that convert and
// compare it.
namespace offloader::catalog {

// `json` is a nested column. Enumerator values are internal; files and fingerprints use a row's `number`.
enum class ColumnType : std::uint8_t {
  boolean,
  integer,
  bigint,
  float64,
  decimal,
  date,
  timestamp,
  timestamptz,
  varchar,
  uuid,
  json
};

// The JSON Schema of a value. Empty texts are omitted.
struct JsonForm {
  std::string_view type{};
  std::string_view format{};
  std::string_view pattern{};
  std::string_view description{};
};

struct ColumnTypeRow {
  ColumnType type;
  // Stored in fingerprints, snapshot records and index files (docs/index-format.md): never change or reuse
  // it.
  std::uint8_t number;
  std::string_view name;        // the contract's spelling, case-sensitive; of DECIMAL without its size
  std::string_view spelling{};  // for people, where it differs from the name
  bool numeric = false;
  bool scalar = true;   // can be filtered, aggregated and ordered by
  bool tenant = false;  // can be a dataset's tenant column
  JsonForm json{};
  std::string_view example{};   // a value, as text
  std::string_view in_files{};  // for people: accepted column types in data files
  std::string_view in_json{};   // for people: how a value looks in an answer
};

// In the order in which documentation and messages list them.
inline constexpr std::array<ColumnTypeRow, 11> kColumnTypes = {{
    {.type = ColumnType::date,
     .number = 4,
     .name = "DATE",
     .json = {.type = "string", .format = "date"},
     .example = "2026-01-31",
     .in_files = "DATE; TIMESTAMP where every value is midnight",
     .in_json = R"(`"2026-01-31"`)"},
    {.type = ColumnType::timestamp,
     .number = 5,
     .name = "TIMESTAMP",
     // UTC without an offset, so not a date-time of RFC 3339.
     .json = {.type = "string", .pattern = R"(^[+-]?\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?$)"},
     .example = "2026-01-31T12:00:00",
     .in_files = "TIMESTAMP of any precision, with time zone (as UTC), DATE",
     .in_json = R"(`"2026-01-31T23:59:59"`, a fraction only if there is one, UTC, no `Z`)"},
    {.type = ColumnType::timestamptz,
     .number = 9,
     .name = "TIMESTAMPTZ",
     .json = {.type = "string", .format = "date-time"},
     .example = "2026-01-31T12:00:00Z",
     .in_files = "TIMESTAMP with time zone of any precision; TIMESTAMP counts as UTC",
     .in_json = R"(`"2026-01-31T23:59:59Z"`: an instant, in UTC)"},
    {.type = ColumnType::varchar,
     .number = 6,
     .name = "VARCHAR",
     .tenant = true,
     .json = {.type = "string"},
     .example = "text",
     .in_files = "VARCHAR, ENUM, UUID, TIME (its text), BLOB that is UTF-8",
     .in_json = "string"},
    {.type = ColumnType::uuid,
     .number = 10,
     .name = "UUID",
     .tenant = true,
     .json = {.type = "string", .format = "uuid"},
     .example = "123e4567-e89b-12d3-a456-426614174000",
     .in_files = "UUID; VARCHAR of 36 characters, in any case",
     .in_json = "string, in lower case, with hyphens"},
    {.type = ColumnType::integer,
     .number = 1,
     .name = "INTEGER",
     .numeric = true,
     .tenant = true,
     .json = {.type = "integer", .format = "int64"},
     .example = "42",
     .in_files = "any integer type; DECIMAL with scale 0; DOUBLE where every value is whole",
     .in_json = "number"},
    {.type = ColumnType::bigint,
     .number = 2,
     .name = "BIGINT",
     .numeric = true,
     .tenant = true,
     .json = {.type = "integer", .format = "int64"},
     .example = "42",
     .in_files = "as `INTEGER`",
     .in_json = "number, all digits exact"},
    {.type = ColumnType::decimal,
     .number = 8,
     .name = "DECIMAL",
     .spelling = "DECIMAL(p,s)",
     .numeric = true,
     // No `multipleOf`: validators divide doubles, and reject 0.07 as a multiple of 0.01.
     .json = {.type = "number", .format = "decimal"},
     .example = "12.50",
     .in_files =
         "DECIMAL, any integer; a value with more than `s` digits after the point or more than `p` in "
         "all is rejected, never rounded",
     .in_json = "number with exactly `s` digits after the point, `12.50`"},
    {.type = ColumnType::float64,
     .number = 3,
     .name = "DOUBLE",
     .numeric = true,
     .json = {.type = "number", .format = "double"},
     .example = "12.5",
     .in_files = "FLOAT, DOUBLE, DECIMAL, any integer",
     .in_json = "shortest decimal that reads back the same, `34.0` if whole; NaN and infinities are `null`, "
                "for filters, orders and aggregates too"},
    {.type = ColumnType::boolean,
     .number = 0,
     .name = "BOOLEAN",
     .json = {.type = "boolean"},
     .example = "true",
     .in_files = "BOOLEAN",
     .in_json = "`true`, `false`"},
    {.type = ColumnType::json,
     .number = 7,
     .name = "JSON",
     .scalar = false,
     .json = {.description = "A nested document: any JSON value."},
     .example = R"({"key":"value"})",
     .in_files = "STRUCT, MAP, LIST, VARIANT, JSON, VARCHAR holding JSON",
     .in_json = "the document itself"},
}};
static_assert(complete(kColumnTypes, &ColumnTypeRow::type, ColumnType::json));
static_assert(unique_in(kColumnTypes, &ColumnTypeRow::number) &&
              unique_in(kColumnTypes, &ColumnTypeRow::name));

[[nodiscard]] constexpr const ColumnTypeRow& row_of(ColumnType type) {
  return *find_row(kColumnTypes, &ColumnTypeRow::type, type);
}
[[nodiscard]] constexpr std::string_view name_of(ColumnType type) {
  return row_of(type).name;
}
[[nodiscard]] constexpr std::uint8_t number_of(ColumnType type) {
  return row_of(type).number;
}
[[nodiscard]] constexpr bool is_numeric(ColumnType type) {
  return row_of(type).numeric;
}
// How people read the type in documentation and hints: `DECIMAL(p,s)`.
[[nodiscard]] constexpr std::string_view spelling_of(const ColumnTypeRow& row) {
  return row.spelling.empty() ? row.name : row.spelling;
}

// Returns nullopt for an unknown number.
[[nodiscard]] std::optional<ColumnType> column_type_numbered(std::uint64_t number);

// A set of column types.
class TypeSet {
 public:
  constexpr TypeSet() = default;
  constexpr TypeSet(std::initializer_list<ColumnType> types) {
    for (const ColumnType type : types) bits_ |= bit(type);
  }

  [[nodiscard]] constexpr bool contains(ColumnType type) const { return (bits_ & bit(type)) != 0; }
  [[nodiscard]] constexpr TypeSet with(ColumnType type) const {
    TypeSet more = *this;
    more.bits_ |= bit(type);
    return more;
  }
  friend constexpr bool operator==(const TypeSet&, const TypeSet&) = default;

 private:
  static constexpr std::uint32_t bit(ColumnType type) { return 1U << static_cast<unsigned>(type); }

  std::uint32_t bits_ = 0;
};

[[nodiscard]] constexpr TypeSet types_where(bool ColumnTypeRow::*property) {
  TypeSet types;
  for (const ColumnTypeRow& row : kColumnTypes) {
    if (row.*property) types = types.with(row.type);
  }
  return types;
}

// The set of all types.
[[nodiscard]] constexpr TypeSet all_types() {
  TypeSet types;
  for (const ColumnTypeRow& row : kColumnTypes) types = types.with(row.type);
  return types;
}

inline constexpr TypeSet kNumericTypes = types_where(&ColumnTypeRow::numeric);
inline constexpr TypeSet kScalarTypes = types_where(&ColumnTypeRow::scalar);
inline constexpr TypeSet kTenantTypes = types_where(&ColumnTypeRow::tenant);

// Joins the names in table order, with `before_last` before the last one: `INTEGER, BIGINT or DOUBLE` for `
// or `.
[[nodiscard]] std::string names_of(TypeSet types, std::string_view before_last);

}  // namespace offloader::catalog
