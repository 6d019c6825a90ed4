#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "offloader/base/ascii.h"

namespace offloader::manifest {

// The position of a column in a data file. `ambiguous` means that the file has it more than once; `index` is
// then empty.
struct ColumnMatch {
  std::optional<std::size_t> index;
  bool ambiguous = false;
};

// Finds the only element of `columns` for whose name `equal` returns true. `name_of` returns an element's
// name.
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

// Finds the column called `wanted`: by exact name, or else by a unique match ignoring ASCII case. Pure;
// linear in the number of columns.
template <typename Columns, typename NameOf = std::identity>
[[nodiscard]] ColumnMatch match_column(const Columns& columns, std::string_view wanted, NameOf name_of = {}) {
  const auto exact = only_match(columns, name_of, [&](std::string_view name) { return name == wanted; });
  if (exact.index || exact.ambiguous) return exact;
  return only_match(columns, name_of, [&](std::string_view name) { return ascii::iequals(name, wanted); });
}

}  // namespace offloader::manifest
