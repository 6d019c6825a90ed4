#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "offloader/catalog/column.h"

// Which columns an index has, and the order that its rows are in.
namespace offloader::index {

// What the endpoints of a dataset ask for. All column numbers are positions in `schema`.
struct WantedLayout {
  std::vector<catalog::Column> schema;
  std::optional<std::size_t> tenant_column;
  std::vector<std::size_t> sort_columns;  // after the tenant's
  std::vector<std::size_t> indexed_columns;
  std::uint64_t id = 0;  // layout_id() of what was asked for

  [[nodiscard]] bool has_columns() const {
    return tenant_column || !sort_columns.empty() || !indexed_columns.empty();
  }
};

// A hash over the names and types of a layout's columns and over its order.
[[nodiscard]] std::uint64_t layout_id(const WantedLayout& wanted);

// What a file of it has: each column once.
struct Layout {
  std::vector<catalog::Column> columns;
  std::optional<std::size_t> tenant_column;  // into `columns`
  std::vector<std::size_t>
      sort_columns;  // into `columns`, the tenant's first; the rows come in their order, nulls last
};

// The tenant's column first, then the sort columns, then the rest.
[[nodiscard]] Layout layout_of(const WantedLayout& wanted);

}  // namespace offloader::index
