#pragma once

#include <optional>

#include "offloader/catalog/catalog.h"
#include "offloader/query/condition.h"

namespace offloader::query {

// What a filter becomes in a plan: one test of its column, or two if a date stands for a whole day of a
// TIMESTAMP or TIMESTAMPTZ, which then both must hold.
struct FilterTests {
  Test first{};
  std::optional<Test> second{};
};

// Returns the tests of a filter that compares a param or constant of type `param` with a column of type
// `column`. An alternative of an `any` always becomes one test. `in_zone`: the column's days are those of a
// zone other than UTC. Pure.
[[nodiscard]] FilterTests tests_for(const catalog::Filter& filter, catalog::ParamType param,
                                    catalog::ColumnType column, bool in_zone = false);

// Whether a param of this type names a whole day of the column.
[[nodiscard]] bool names_day(catalog::ParamType param, catalog::ColumnType column);

}  // namespace offloader::query
