#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "offloader/catalog/sized_type.h"

// The table of aggregates. To add one, add an enumerator and a row; the compiler then flags the switches in
// the executors that compute it.
namespace offloader::catalog {

enum class Aggregate : std::uint8_t {
  sum,
  avg,
  min,
  max,
  count,
  count_distinct,
  median,
  quantile,
  first,
  last
};

struct AggregateRow {
  Aggregate aggregate;
  std::uint8_t number;     // part of contract fingerprints: never change or reuse it
  std::string_view name;   // the word in YAML and the function in SQL
  std::uint8_t arity = 1;  // number of columns that it takes
  TypeSet of{};            // accepted column types
  SizedType (*result)(SizedType of) = nullptr;
  bool nullable = true;        // the result over no values is null
  bool ordered = false;        // takes `by`, the column that orders
  bool zero_if_added = false;  // 0, not null, in a bucket that `fill: zero` adds
  std::string_view meaning{};  // for people: what it returns
};

inline constexpr std::array<AggregateRow, 10> kAggregates = {{
    {.aggregate = Aggregate::sum,
     .number = 0,
     .name = "sum",
     .of = kNumericTypes,
     // An integer has the scale 0.
     .result = [](SizedType of) -> SizedType {
       return of == ColumnType::float64 ? of : decimal_type(kMostDecimalDigits, of.size.scale);
     },
     .zero_if_added = true,
     .meaning = "DECIMAL(38,s) for DECIMAL(p,s), DECIMAL(38,0) for integers: exact, up to 38 digits; DOUBLE "
                "for DOUBLE"},
    {.aggregate = Aggregate::avg,
     .number = 1,
     .name = "avg",
     .of = kNumericTypes,
     .result = [](SizedType) -> SizedType { return ColumnType::float64; },
     .zero_if_added = true,
     .meaning = "DOUBLE"},
    {.aggregate = Aggregate::min,
     .number = 2,
     .name = "min",
     .of = kScalarTypes,
     .result = [](SizedType of) { return of; },
     .meaning = "the column's type"},
    {.aggregate = Aggregate::max,
     .number = 3,
     .name = "max",
     .of = kScalarTypes,
     .result = [](SizedType of) { return of; },
     .meaning = "the column's type"},
    {.aggregate = Aggregate::count,
     .number = 4,
     .name = "count",
     .of = all_types(),
     .result = [](SizedType) -> SizedType { return ColumnType::bigint; },
     .nullable = false,
     .zero_if_added = true,
     .meaning = "how many are not null; of `*`, how many rows"},
    {.aggregate = Aggregate::count_distinct,
     .number = 5,
     .name = "count_distinct",
     .of = kScalarTypes,
     .result = [](SizedType) -> SizedType { return ColumnType::bigint; },
     .nullable = false,
     .zero_if_added = true,
     .meaning = "how many different values, without null: exact"},
    {.aggregate = Aggregate::median,
     .number = 6,
     .name = "median",
     .of = kNumericTypes,
     .result = [](SizedType) -> SizedType { return ColumnType::float64; },
     .meaning = "DOUBLE"},
    {.aggregate = Aggregate::quantile,
     .number = 7,
     .name = "quantile",
     .of = kNumericTypes,
     .result = [](SizedType) -> SizedType { return ColumnType::float64; },
     .meaning = "DOUBLE: the value that the share `q` of the values does not exceed; exact"},
    {.aggregate = Aggregate::first,
     .number = 8,
     .name = "first",
     .of = kScalarTypes,
     .result = [](SizedType of) { return of; },
     .ordered = true,
     .meaning = "the value of the row with the least `by`"},
    {.aggregate = Aggregate::last,
     .number = 9,
     .name = "last",
     .of = kScalarTypes,
     .result = [](SizedType of) { return of; },
     .ordered = true,
     .meaning = "the value of the row with the greatest `by`"},
}};
static_assert(complete(kAggregates, &AggregateRow::aggregate, Aggregate::last));
static_assert(unique_in(kAggregates, &AggregateRow::number) && unique_in(kAggregates, &AggregateRow::name));

[[nodiscard]] constexpr const AggregateRow& row_of(Aggregate aggregate) {
  return *find_row(kAggregates, &AggregateRow::aggregate, aggregate);
}
[[nodiscard]] constexpr std::string_view name_of(Aggregate aggregate) {
  return row_of(aggregate).name;
}
[[nodiscard]] constexpr std::uint8_t number_of(Aggregate aggregate) {
  return row_of(aggregate).number;
}

}  // namespace offloader::catalog
