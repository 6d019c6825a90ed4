#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "index_column.h"

namespace offloader::engine {

// What a column stores its keys in.
using KeyWidths = ::testing::Types<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>;

// A column over keys that the caller has sorted and keeps.
template <typename Stored>
IndexColumn column_of(const std::vector<Stored>& keys,
                      catalog::ColumnType type = catalog::ColumnType::bigint) {
  IndexColumn column;
  column.type = type;
  column.width = sizeof(Stored);
  column.values = reinterpret_cast<const std::byte*>(keys.data());
  column.max_key = keys.empty() ? 0 : keys.back();
  return column;
}

}  // namespace offloader::engine
