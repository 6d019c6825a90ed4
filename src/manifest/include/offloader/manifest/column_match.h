#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "offloader/base/ascii.h"

namespace offloader::manifest {

// Where a data file has a column. `ambiguous` when the file has it more than once; then there is no index.
struct ColumnMatch {
  std::optional<std::size_t> index;
  bool ambiguous = false;
};

// The only element of `columns` for whose name `equal` holds. `name_of` gives the name of an element.
template <typename Columns, typename NameOf, typename Equal>
[[nodiscard]] ColumnMatch only_match(const Columns& columns, NameOf name_of, Equal equal) {
  ColumnMatch out;
  std::size_t at = 0;
  for (const auto& column : columns) {
    if (equal(std::string_view(std::invoke(name_of, column)))) {
      if (out.index) return {std::nullopt, true};
      out.index = at;
    }
    ++at;
  }
  return out;
}

// The column called `wanted`: by its exact name, else by its only match without regard to case (ASCII
// letters). Pure; linear in the number of columns.
template <typename Columns, typename NameOf = std::identity>
[[nodiscard]] ColumnMatch match_column(const Columns& columns, std::string_view wanted, NameOf name_of = {}) {
  const auto exact = only_match(columns, name_of, [&](std::string_view name) { return name == wanted; });
  if (exact.index || exact.ambiguous) return exact;
  return only_match(columns, name_of, [&](std::string_view name) { return ascii::iequals(name, wanted); });
}

}  // namespace offloader::manifest
