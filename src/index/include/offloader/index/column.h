#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "offloader/catalog/column.h"
#include "offloader/index/key.h"
#include "offloader/index/width.h"
#include "offloader/rows/batch.h"

namespace offloader::index {

// Rows [begin, end).
struct Range {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// A column of a mapped index. A stored value ("key") orders as its value does: base + key for numbers, dates,
// timestamps and booleans, the code for VARCHAR, key_of_double for DOUBLE; a null has the key `null_key`,
// which is above all. Keys come from a file and may be anything below 2^(8·width): whoever indexes with one
// checks it.
struct Column {
  std::string name;
  catalog::ColumnType type = catalog::ColumnType::varchar;
  std::uint8_t width = 0;
  bool nullable = false;
  std::int64_t base = 0;
  std::uint64_t max_key = 0;
  std::uint64_t null_key = 0;
  std::uint64_t nulls = 0;
  std::uint64_t entries = 0;
  const std::byte* values = nullptr;
  const std::uint64_t* bounds = nullptr;  // least and greatest key of each block
  // The texts are the dictionary's, or the documents of a JSON column. As JSON writes them they are the same
  // ones when none needs an escape.
  rows::Dictionary dictionary;
  const std::uint64_t* directory_keys = nullptr;
  const std::uint64_t* directory_starts = nullptr;
  std::uint64_t directory_count = 0;
  const std::uint64_t* run_sums =
      nullptr;  // for each run of the reader's run directory; of no nullable column

  [[nodiscard]] std::uint64_t key(std::uint64_t row) const { return stored_at(values, width, row); }
  // The key by which rows are compared and grouped: both zeros are one.
  [[nodiscard]] std::uint64_t order_key(std::uint64_t row) const {
    return type == catalog::ColumnType::float64 ? unify_zero(key(row)) : key(row);
  }
  [[nodiscard]] bool is_null(std::uint64_t key_value) const { return nullable && key_value == null_key; }
  // Keys, nulls included, are below this; 0 stands for 2^64.
  [[nodiscard]] std::uint64_t key_space() const { return (nullable ? null_key : max_key) + 1; }
  [[nodiscard]] std::int64_t int_value(std::uint64_t key_value) const {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(base) + key_value);
  }
};

}  // namespace offloader::index
