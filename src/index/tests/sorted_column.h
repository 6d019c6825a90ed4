#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "offloader/index/column.h"

namespace offloader::index {

// The types in which a column stores its keys.
using KeyWidths = ::testing::Types<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>;

// A column over `keys`. Requires: they are sorted and outlive the column.
template <typename Stored>
Column column_of(const std::vector<Stored>& keys, catalog::ColumnType type = catalog::ColumnType::bigint) {
  Column column;
  column.type = type;
  column.width = sizeof(Stored);
  column.values = reinterpret_cast<const std::byte*>(keys.data());
  column.max_key = keys.empty() ? 0 : keys.back();
  return column;
}

}  // namespace offloader::index
