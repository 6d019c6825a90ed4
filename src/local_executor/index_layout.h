#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "offloader/catalog/catalog.h"
#include "offloader/executor/snapshot.h"
#include "offloader/index/layout.h"

// Derives from the contract which columns an index has and how its rows are sorted. Pure functions.
namespace offloader::local_executor {

// The table with the rows of a snapshot's file that is attached as `target`.
inline constexpr const char* kIndexedTable = "target.main.rows";

// Returns the columns by which a snapshot's rows are sorted: the tenant column, then those of `sort_columns`,
// at most four in total (snapshots.md).
[[nodiscard]] std::vector<std::size_t> sorted_columns(const catalog::Dataset& dataset,
                                                      const std::vector<std::size_t>& sort_columns);

// Returns the layout of an index for these columns. `stored` are the types in which the snapshot stores the
// dataset's columns. A column that is stored with a wider type than the contract's is left out, and the sort
// order ends before it.
[[nodiscard]] index::WantedLayout index_layout(const catalog::Dataset& dataset,
                                               const std::vector<catalog::SizedType>& stored,
                                               const executor::Layout& columns);

// Returns SQL that records the layout in the snapshot's DuckDB file, attached as `target`, so that a lost
// index can be rebuilt from that file alone.
[[nodiscard]] std::string layout_sql(const index::WantedLayout& build);

}  // namespace offloader::local_executor
