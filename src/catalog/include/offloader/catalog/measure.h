#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "offloader/catalog/filter.h"

namespace offloader::catalog {

// What a select says about its aggregate beside the function and the column.
struct Measure {
  bool rows = false;                // `count` of `*`: counts rows instead of a column's values
  std::string quantile{};           // of `quantile`: a decimal from 0 to 1 in its shortest form
  bool discrete = false;            // of `quantile`: a value that occurs
  std::optional<std::size_t> by{};  // of `first` and `last`: index into the schema of the column that orders
  std::vector<Filter> where{};      // constants that a row must match to be aggregated

  // Whether it says anything.
  [[nodiscard]] bool any() const { return rows || !quantile.empty() || by || !where.empty(); }
};

}  // namespace offloader::catalog
