#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "offloader/index/column.h"

namespace offloader::index {

// What a column stores its keys in.
using KeyWidths = ::testing::Types<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>;

// A column over keys that the caller has sorted and keeps.
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
