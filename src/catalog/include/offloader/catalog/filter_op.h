#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "offloader/catalog/column_type.h"

// The table of filter operators. To add one, add an enumerator and a row, and define it in
// query/typed_value.cc in terms of comparisons.
namespace offloader::catalog {

enum class FilterOp : std::uint8_t { eq, gte, lte };

struct FilterOpRow {
  FilterOp op;
  std::uint8_t number;         // part of contract fingerprints: never change or reuse it
  std::string_view name;       // the word in YAML
  std::uint8_t arity = 1;      // number of params that it compares the column with
  TypeSet of{};                // accepted column types
  std::string_view meaning{};  // for people: the rows that it keeps
};

inline constexpr std::array<FilterOpRow, 3> kFilterOps = {{
    {.op = FilterOp::eq,
     .number = 0,
     .name = "eq",
     .of = kScalarTypes,
     .meaning = "rows whose column equals the param; a `date` against a TIMESTAMP is that whole day"},
    {.op = FilterOp::gte,
     .number = 1,
     .name = "gte",
     .of = kScalarTypes,
     .meaning = "rows whose column is the param or after it"},
    {.op = FilterOp::lte,
     .number = 2,
     .name = "lte",
     .of = kScalarTypes,
     .meaning = "rows whose column is the param or before it; a `date` against a TIMESTAMP includes all of "
                "that day"},
}};
static_assert(complete(kFilterOps, &FilterOpRow::op, FilterOp::lte));
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

}  // namespace offloader::catalog
