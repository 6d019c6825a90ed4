#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "offloader/catalog/column_type.h"

// The table of aggregates. To add one, add an enumerator and a row; the compiler then flags the switches in
// the executors that compute it.
namespace offloader::catalog {

enum class Aggregate : std::uint8_t { sum, avg, min, max, count };

struct AggregateRow {
  Aggregate aggregate;
  std::uint8_t number;     // part of contract fingerprints: never change or reuse it
  std::string_view name;   // the word in YAML and the function in SQL
  std::uint8_t arity = 1;  // number of columns that it takes
  TypeSet of{};            // accepted column types
  ColumnType (*result)(ColumnType of) = nullptr;
  bool nullable = true;        // the result over no values is null
  bool past_int64 = false;     // an integer result may exceed 64 bits
  std::string_view meaning{};  // for people: what it returns
};

inline constexpr std::array<AggregateRow, 5> kAggregates = {{
    {.aggregate = Aggregate::sum,
     .number = 0,
     .name = "sum",
     .of = kNumericTypes,
     .result = [](ColumnType of) { return of == ColumnType::float64 ? of : ColumnType::bigint; },
     .past_int64 = true,
     .meaning = "exact for integers, up to 128 bits; DOUBLE for DOUBLE"},
    {.aggregate = Aggregate::avg,
     .number = 1,
     .name = "avg",
     .of = kNumericTypes,
     .result = [](ColumnType) { return ColumnType::float64; },
     .meaning = "DOUBLE"},
    {.aggregate = Aggregate::min,
     .number = 2,
     .name = "min",
     .of = kScalarTypes,
     .result = [](ColumnType of) { return of; },
     .meaning = "the column's type"},
    {.aggregate = Aggregate::max,
     .number = 3,
     .name = "max",
     .of = kScalarTypes,
     .result = [](ColumnType of) { return of; },
     .meaning = "the column's type"},
    {.aggregate = Aggregate::count,
     .number = 4,
     .name = "count",
     .of = kScalarTypes,
     .result = [](ColumnType) { return ColumnType::bigint; },
     .nullable = false,
     .meaning = "how many are not null"},
}};
static_assert(complete(kAggregates, &AggregateRow::aggregate, Aggregate::count));
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
