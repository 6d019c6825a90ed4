#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "offloader/index/column.h"
#include "offloader/index/width.h"
#include "offloader/rows/batch.h"

namespace offloader::index {

// Collects the rows of an answer into a column batch. Columns are numbered as in the answer. Its arrays are
// thread-local: a thread uses one AnswerBatch at a time, and a batch is valid until the next begin().
class AnswerBatch {
 public:
  explicit AnswerBatch(std::size_t columns);

  // Starts the next batch, of at most rows::kBatchRows rows. Requires: every column is filled before get().
  void begin(std::size_t rows) { rows_ = rows; }

  // Sets row i of column `at` to the value of `column` in row `of[i]` of the index.
  void gather(std::size_t at, const Column& column, std::span<const std::uint32_t> of);

  // Sets row i of column `at` to the value of the key `key_at(i)` of `column`. Requires: not a JSON column.
  template <typename KeyAt>
  void keys(std::size_t at, const Column& column, KeyAt key_at) {
    using catalog::ColumnType;
    switch (column.type.type) {
      case ColumnType::boolean:
        return convert<bool>(at, rows::Kind::boolean, column, key_at,
                             [&](std::uint64_t key) { return column.int_value(key) != 0; });
      case ColumnType::integer:
        return convert<std::int32_t>(at, rows::Kind::int32, column, key_at, [&](std::uint64_t key) {
          return static_cast<std::int32_t>(column.int_value(key));
        });
      case ColumnType::date:
        return convert<std::int32_t>(at, rows::Kind::date, column, key_at, [&](std::uint64_t key) {
          return static_cast<std::int32_t>(column.int_value(key));
        });
      case ColumnType::bigint:
        return convert<std::int64_t>(at, rows::Kind::int64, column, key_at,
                                     [&](std::uint64_t key) { return column.int_value(key); });
      case ColumnType::timestamp:
        return convert<std::int64_t>(at, rows::Kind::timestamp, column, key_at,
                                     [&](std::uint64_t key) { return column.int_value(key); });
      case ColumnType::timestamptz:
        return convert<std::int64_t>(at, rows::Kind::timestamptz, column, key_at,
                                     [&](std::uint64_t key) { return column.int_value(key); });
      case ColumnType::decimal:
        convert<rows::Wide>(at, rows::Kind::decimal, column, key_at,
                            [&](std::uint64_t key) { return rows::Wide::of(column.int_value(key)); });
        set_scale(at, column.type.size.scale);
        return;
      case ColumnType::float64:
        return convert<double>(at, rows::Kind::float64, column, key_at,
                               [](std::uint64_t key) { return double_of_key(key); });
      case ColumnType::varchar:
      case ColumnType::uuid:
        convert<std::uint32_t>(at, rows::Kind::text, column, key_at,
                               [](std::uint64_t key) { return static_cast<std::uint32_t>(key); });
        buffers_[at].view.dictionary = &column.dictionary;
        return;
      case ColumnType::json:
        return;
    }
  }

  // Returns the array of column `at` for the caller to fill. No row is null until set_null().
  template <typename T>
  [[nodiscard]] T* values(std::size_t at, rows::Kind kind) {
    return static_cast<T*>(array(at, kind, sizeof(T)));
  }
  void set_null(std::size_t at, std::size_t row);
  void set_scale(std::size_t at, std::uint8_t scale) { buffers_[at].view.scale = scale; }

  [[nodiscard]] rows::Batch get();

 private:
  struct Buffer {
    std::vector<std::uint64_t> values;  // holds any type; sufficiently aligned for all but Int128
    std::vector<std::uint64_t> validity;
    rows::Column view;
  };
  static std::vector<Buffer>& buffers();
  [[nodiscard]] void* array(std::size_t at, rows::Kind kind, std::size_t width);

  template <typename T, typename KeyAt, typename Convert>
  void convert(std::size_t at, rows::Kind kind, const Column& column, KeyAt key_at, Convert value) {
    T* const out = values<T>(at, kind);
    if (!column.nullable) {
      for (std::size_t i = 0; i < rows_; ++i) out[i] = value(key_at(i));
      return;
    }
    for (std::size_t i = 0; i < rows_; ++i) {
      const std::uint64_t key = key_at(i);
      out[i] = value(key);
      if (key == column.null_key) set_null(at, i);
    }
  }

  std::vector<Buffer>& buffers_;  // thread-local, as is views_
  std::vector<rows::Column>& views_;
  std::size_t columns_;
  std::size_t rows_ = 0;
};

}  // namespace offloader::index
