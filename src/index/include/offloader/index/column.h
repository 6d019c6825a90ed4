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

// A column of a mapped index: a view into the mapping of the Reader that owns it. Any thread. A stored value
// (a "key") sorts as its value does: it is the value less `base` for numbers, dates, timestamps and booleans
// (of a DECIMAL the unscaled value), the dictionary code for VARCHAR and UUID, and key_of_double for DOUBLE.
// A null has the key `null_key`, which is above all others. Keys come from a file that may be damaged and can
// be anything below 2^(8·width): check a key before using it as an index.
struct Column {
  std::string name;
  catalog::SizedType type = catalog::ColumnType::varchar;
  std::uint8_t width = 0;
  bool nullable = false;
  std::int64_t base = 0;
  std::uint64_t max_key = 0;
  std::uint64_t null_key = 0;
  std::uint64_t nulls = 0;
  std::uint64_t entries = 0;
  const std::byte* values = nullptr;
  const std::uint64_t* bounds = nullptr;  // the least and the greatest key of each block
  // The texts of a VARCHAR or UUID column's dictionary, or the documents of a JSON column. `escaped` equals
  // `texts` if no text needs escaping.
  rows::Dictionary dictionary;
  const std::uint64_t* directory_keys = nullptr;
  const std::uint64_t* directory_starts = nullptr;
  std::uint64_t directory_count = 0;
  // The sum of the keys in each run of the reader's run directory. Null if the file has none for this column;
  // nullable columns never have sums.
  const std::uint64_t* run_sums = nullptr;

  [[nodiscard]] std::uint64_t key(std::uint64_t row) const { return stored_at(values, width, row); }
  // The key by which rows are compared and grouped. -0 and 0 have the same one.
  [[nodiscard]] std::uint64_t order_key(std::uint64_t row) const {
    return type == catalog::ColumnType::float64 ? unify_zero(key(row)) : key(row);
  }
  [[nodiscard]] bool is_null(std::uint64_t key_value) const { return nullable && key_value == null_key; }
  // One more than the greatest key, null included; 0 means 2^64.
  [[nodiscard]] std::uint64_t key_space() const { return (nullable ? null_key : max_key) + 1; }
  // The value of a key of an integer, decimal, date, timestamp or boolean column.
  [[nodiscard]] std::int64_t int_value(std::uint64_t key_value) const {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(base) + key_value);
  }
};

}  // namespace offloader::index
