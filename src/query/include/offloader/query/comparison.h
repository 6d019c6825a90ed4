#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "offloader/catalog/table.h"

// The table of comparisons in a plan's conditions. A filter's operator (catalog/filter_op.h) and the types of
// its param and column determine which ones a filter becomes.
namespace offloader::query {

enum class Comparison : std::uint8_t { eq, ge, le, lt, gt, ne };

struct ComparisonRow {
  Comparison comparison;
  std::uint8_t number;    // one digit of a plan's canonical form: never change it
  std::string_view name;  // its symbol, in SQL and for people
};

inline constexpr std::array<ComparisonRow, 6> kComparisons = {{
    {.comparison = Comparison::eq, .number = 0, .name = "="},
    {.comparison = Comparison::ge, .number = 1, .name = ">="},
    {.comparison = Comparison::le, .number = 2, .name = "<="},
    {.comparison = Comparison::lt, .number = 3, .name = "<"},
    {.comparison = Comparison::gt, .number = 4, .name = ">"},
    {.comparison = Comparison::ne, .number = 5, .name = "<>"},
}};
static_assert(catalog::complete(kComparisons, &ComparisonRow::comparison, Comparison::ne));
static_assert(catalog::unique_in(kComparisons, &ComparisonRow::number));

[[nodiscard]] constexpr std::string_view name_of(Comparison comparison) {
  return catalog::find_row(kComparisons, &ComparisonRow::comparison, comparison)->name;
}
[[nodiscard]] constexpr std::uint8_t number_of(Comparison comparison) {
  return catalog::find_row(kComparisons, &ComparisonRow::comparison, comparison)->number;
}

}  // namespace offloader::query
