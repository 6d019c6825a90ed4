#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "offloader/catalog/column.h"

// The columns of an index and the order of its rows. Plain values and pure functions.
namespace offloader::index {

// The index that a dataset's endpoints need. Column numbers are positions in `schema`.
struct WantedLayout {
  std::vector<catalog::Column> schema;
  std::optional<std::size_t> tenant_column;
  std::vector<std::size_t> sort_columns;  // they follow the tenant column
  std::vector<std::size_t> indexed_columns;
  std::uint64_t id = 0;  // layout_id() of this layout

  [[nodiscard]] bool has_columns() const {
    return tenant_column || !sort_columns.empty() || !indexed_columns.empty();
  }
};

// A hash of the names and types of the columns and of the sort order. Ignores `id`.
[[nodiscard]] std::uint64_t layout_id(const WantedLayout& wanted);

// The columns of an index file. Each column occurs once.
struct Layout {
  std::vector<catalog::Column> columns;
  std::optional<std::size_t> tenant_column;  // a position in `columns`
  // Positions in `columns`, the tenant column first. Rows are sorted by them in ascending order, nulls last.
  std::vector<std::size_t> sort_columns;
};

// The file layout for `wanted`: the tenant column, then the sort columns, then the rest.
[[nodiscard]] Layout layout_of(const WantedLayout& wanted);

}  // namespace offloader::index
