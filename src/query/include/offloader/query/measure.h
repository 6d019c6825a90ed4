#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "offloader/query/condition.h"

namespace offloader::query {

// What belongs to an aggregate beside the function and the column. A value type.
struct Measure {
  bool rows = false;                // `count` of rows instead of a column's values
  std::string quantile{};           // of `quantile`: a decimal from 0 to 1
  bool discrete = false;            // of `quantile`: a value that occurs
  std::optional<std::size_t> by{};  // of `first` and `last`: index into the schema of the column that orders
  // Only rows that match are aggregated. The values are constants of the contract.
  std::vector<Condition> where{};
  std::vector<Value> values{};
  std::vector<ValueList> lists{};
  bool never = false;  // no row matches

  [[nodiscard]] bool filters_rows() const { return never || !where.empty(); }
  [[nodiscard]] BoundConditions conditions() const { return {where, values, lists, never}; }
};

}  // namespace offloader::query
