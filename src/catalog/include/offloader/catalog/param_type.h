#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "offloader/catalog/column_type.h"

// The table of param types: the types of an endpoint's params, and the columns they can be compared with.
namespace offloader::catalog {

enum class ParamType : std::uint8_t { string, integer, date, enumeration, number, boolean, timestamp };

struct ParamTypeRow {
  ParamType type;
  std::uint8_t number;    // part of contract fingerprints: never change or reuse it
  std::string_view name;  // the word in YAML
  TypeSet columns{};      // column types it can be compared with
  bool bounded = false;   // takes `min` and `max`
  JsonForm json{};        // of a value, before `enum`, `min` and `max` narrow it
};

inline constexpr std::array<ParamTypeRow, 7> kParamTypes = {{
    {.type = ParamType::string,
     .number = 0,
     .name = "string",
     .columns = kScalarTypes,
     .json = {.type = "string"}},
    {.type = ParamType::integer,
     .number = 1,
     .name = "integer",
     .columns = kNumericTypes.with(ColumnType::varchar),
     .bounded = true,
     .json = {.type = "integer", .format = "int64"}},
    {.type = ParamType::number,
     .number = 4,
     .name = "number",
     .columns = kNumericTypes,
     .bounded = true,
     .json = {.type = "number"}},
    {.type = ParamType::boolean,
     .number = 5,
     .name = "boolean",
     .columns = {ColumnType::boolean},
     .json = {.type = "boolean"}},
    {.type = ParamType::date,
     .number = 2,
     .name = "date",
     .columns = {ColumnType::date, ColumnType::timestamp, ColumnType::timestamptz, ColumnType::varchar},
     .bounded = true,
     .json = {.type = "string", .format = "date"}},
    {.type = ParamType::timestamp,
     .number = 6,
     .name = "timestamp",
     .columns = {ColumnType::timestamp, ColumnType::timestamptz},
     .bounded = true,
     .json = {.type = "string", .format = "date-time"}},
    {.type = ParamType::enumeration,
     .number = 3,
     .name = "enum",
     .columns = kScalarTypes,
     .json = {.type = "string"}},
}};
static_assert(complete(kParamTypes, &ParamTypeRow::type, ParamType::timestamp));
static_assert(unique_in(kParamTypes, &ParamTypeRow::number) && unique_in(kParamTypes, &ParamTypeRow::name));

[[nodiscard]] constexpr const ParamTypeRow& row_of(ParamType type) {
  return *find_row(kParamTypes, &ParamTypeRow::type, type);
}
[[nodiscard]] constexpr std::string_view name_of(ParamType type) {
  return row_of(type).name;
}
[[nodiscard]] constexpr std::uint8_t number_of(ParamType type) {
  return row_of(type).number;
}

}  // namespace offloader::catalog
