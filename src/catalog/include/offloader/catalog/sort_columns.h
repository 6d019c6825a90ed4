#pragma once

#include <cstddef>
#include <vector>

#include "offloader/catalog/catalog.h"

namespace offloader::catalog {

// The most columns that sort the rows of a local table, including the tenant's, which is the first.
inline constexpr std::size_t kMostSortColumns = 4;

// Returns the columns, besides the tenant's, that sort the rows of a dataset's local tables. They are the
// columns that the filters of its endpoints narrow: those of the most endpoints first, and of equals those
// that come first in the schema. Where they leave room, there follow the columns that order the rows of
// endpoints with cursors, whose pages are then found by a search: of orders that begin alike, those of the
// most endpoints first. `endpoints` are those of the dataset; those of remote scans do not count.
[[nodiscard]] std::vector<std::size_t> sort_columns(const Dataset& dataset,
                                                    const std::vector<const Endpoint*>& endpoints);

// Returns whether the rows that the filter keeps are together if rows are sorted by its column.
[[nodiscard]] bool narrows(const Filter& filter);

}  // namespace offloader::catalog
