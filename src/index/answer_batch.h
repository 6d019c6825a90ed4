#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "offloader/index/column.h"
#include "offloader/index/width.h"
#include "offloader/rows/batch.h"

namespace offloader::index {

// Gathers what an answer needs into a column batch. Its arrays are the thread's: one batch at a time, and a
// batch is valid until the next one is begun. Columns are numbered as the answer has them.
class AnswerBatch {
 public:
  explicit AnswerBatch(std::size_t columns);

  // Starts the next batch. Requires: at most rows::kBatchRows rows, and every column filled before get().
  void begin(std::size_t rows) { rows_ = rows; }

  // Column `at` has in row i what `column` stores in `of[i]`.
  void gather(std::size_t at, const Column& column, std::span<const std::uint32_t> of);

  // Column `at` has in row i the value of the stored key `key_at(i)`. Not of JSON columns.
  template <typename KeyAt>
  void keys(std::size_t at, const Column& column, KeyAt key_at) {
    using catalog::ColumnType;
    switch (column.type) {
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
      case ColumnType::float64:
        return convert<double>(at, rows::Kind::float64, column, key_at,
                               [](std::uint64_t key) { return double_of_key(key); });
      case ColumnType::varchar:
        convert<std::uint32_t>(at, rows::Kind::text, column, key_at,
                               [](std::uint64_t key) { return static_cast<std::uint32_t>(key); });
        buffers_[at].view.dictionary = &column.dictionary;
        return;
      case ColumnType::json:
        return;
    }
  }

  // The array of column `at`, to be filled by the caller; all rows have a value until set_null().
  template <typename T>
  [[nodiscard]] T* values(std::size_t at, rows::Kind kind) {
    return static_cast<T*>(array(at, kind, sizeof(T)));
  }
  void set_null(std::size_t at, std::size_t row);

  [[nodiscard]] rows::Batch get();

 private:
  struct Buffer {
    std::vector<std::uint64_t> values;  // of any type: aligned for each but Int128
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

  std::vector<Buffer>& buffers_;  // the thread's
  std::vector<rows::Column>& views_;
  std::size_t columns_;
  std::size_t rows_ = 0;
};

}  // namespace offloader::index
