#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "offloader/catalog/catalog.h"
#include "offloader/executor/snapshot.h"
#include "offloader/index/layout.h"

// Which columns an index has, and the order that its rows are in.
namespace offloader::local_executor {

// The rows of a snapshot's file, which is attached as `target`.
inline constexpr const char* kIndexedTable = "target.main.rows";

// The columns that a snapshot's rows are sorted by: the tenant's, then what endpoints filter, at most four in
// all (snapshots.md).
[[nodiscard]] std::vector<std::size_t> sorted_columns(const catalog::Dataset& dataset,
                                                      const std::vector<std::size_t>& sort_columns);

// The layout of an index for these columns. `stored` are the types
// that the dataset's columns are stored in: a column that is stored wider than the contract says is left out,
// and so is everything behind it in the order.
[[nodiscard]] index::WantedLayout index_layout(const catalog::Dataset& dataset,
                                               const std::vector<catalog::ColumnType>& stored,
                                               const executor::Layout& columns);

// SQL that records the layout in the snapshot's own file, `target`. A lost index can then be built again from
// that file alone.
[[nodiscard]] std::string layout_sql(const index::WantedLayout& build);

}  // namespace offloader::local_executor
