#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "offloader/catalog/column_type.h"
#include "offloader/catalog/param_type.h"

// The table of filter operators. To add one, add an enumerator and a row; the compiler then flags
// query/filter_conditions.cc, which says what condition of a plan it becomes.
namespace offloader::catalog {

enum class FilterOp : std::uint8_t {
  eq,
  gte,
  lte,
  ne,
  in,
  not_in,
  gt,
  lt,
  prefix,
  contains,
  icontains,
  is_null
};

// What an operator compares the column with.
enum class Operand : std::uint8_t {
  value,  // one value
  list,   // a list of values
  flag,   // a boolean, whatever the column's type
};

struct FilterOpRow {
  FilterOp op;
  std::uint8_t number;    // part of contract fingerprints: never change or reuse it
  std::string_view name;  // the word in YAML
  Operand operand = Operand::value;
  TypeSet of{};                // accepted column types
  bool narrows = false;        // the rows that it keeps are together if rows are sorted by the column
  bool drops_nulls = false;    // takes `nulls: include`
  std::string_view meaning{};  // for people: the rows that it keeps
};

// In the order in which documentation and messages list them.
inline constexpr std::array<FilterOpRow, 12> kFilterOps = {{
    {.op = FilterOp::eq,
     .number = 0,
     .name = "eq",
     .of = kScalarTypes,
     .narrows = true,
     .meaning = "rows whose column equals the value; a `date` against a TIMESTAMP is that whole day"},
    {.op = FilterOp::ne,
     .number = 3,
     .name = "ne",
     .of = kScalarTypes,
     .drops_nulls = true,
     .meaning = "rows whose column is another value; those with null only with `nulls: include`"},
    {.op = FilterOp::in,
     .number = 4,
     .name = "in",
     .operand = Operand::list,
     .of = kScalarTypes,
     .narrows = true,
     .meaning = "rows whose column equals one of the list's values; none for an empty list"},
    {.op = FilterOp::not_in,
     .number = 5,
     .name = "not_in",
     .operand = Operand::list,
     .of = kScalarTypes,
     .drops_nulls = true,
     .meaning = "rows whose column equals none of the list's values; those with null only with "
                "`nulls: include`"},
    {.op = FilterOp::gt,
     .number = 6,
     .name = "gt",
     .of = kScalarTypes,
     .narrows = true,
     .meaning =
         "rows whose column is after the value; a `date` against a TIMESTAMP excludes all of that day"},
    {.op = FilterOp::gte,
     .number = 1,
     .name = "gte",
     .of = kScalarTypes,
     .narrows = true,
     .meaning = "rows whose column is the value or after it"},
    {.op = FilterOp::lt,
     .number = 7,
     .name = "lt",
     .of = kScalarTypes,
     .narrows = true,
     .meaning = "rows whose column is before the value"},
    {.op = FilterOp::lte,
     .number = 2,
     .name = "lte",
     .of = kScalarTypes,
     .narrows = true,
     .meaning = "rows whose column is the value or before it; a `date` against a TIMESTAMP includes all of "
                "that day"},
    {.op = FilterOp::prefix,
     .number = 8,
     .name = "prefix",
     .of = {ColumnType::varchar},
     .narrows = true,
     .meaning = "rows whose text begins with the value, byte for byte"},
    {.op = FilterOp::contains,
     .number = 9,
     .name = "contains",
     .of = {ColumnType::varchar},
     .meaning = "rows whose text contains the value, byte for byte"},
    {.op = FilterOp::icontains,
     .number = 10,
     .name = "icontains",
     .of = {ColumnType::varchar},
     .meaning = "as `contains`, with both sides in lower case"},
    {.op = FilterOp::is_null,
     .number = 11,
     .name = "is_null",
     .operand = Operand::flag,
     .of = all_types(),
     .meaning = "rows whose column is null if the value is true, and those where it is not if it is false"},
}};
static_assert(complete(kFilterOps, &FilterOpRow::op, FilterOp::is_null));
static_assert(unique_in(kFilterOps, &FilterOpRow::number) && unique_in(kFilterOps, &FilterOpRow::name));

[[nodiscard]] constexpr const FilterOpRow& row_of(FilterOp op) {
  return *find_row(kFilterOps, &FilterOpRow::op, op);
}
[[nodiscard]] constexpr std::string_view name_of(FilterOp op) {
  return row_of(op).name;
}
[[nodiscard]] constexpr std::uint8_t number_of(FilterOp op) {
  return row_of(op).number;
}

// Whether a param or constant of type `param` can be compared with the column by the operator. Requires:
// `row.of` contains `column`.
[[nodiscard]] constexpr bool takes(const FilterOpRow& row, ParamType param, ColumnType column) {
  if (row.operand == Operand::flag) return param == ParamType::boolean;
  return row_of(param).columns.contains(column);
}

}  // namespace offloader::catalog
