#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "arrow_message.h"
#include "offloader/base/result.h"
#include "offloader/rows/batch.h"

namespace offloader::rows::arrow {

// The values of one column of a record batch, in the layout of Arrow. Owned by its writer; one thread.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(catalog::SizedType type) : type_(type) { clear(); }

  // Appends the rows [from, to) of a column of a batch, in the type of the answer. Errors: `internal` if a
  // text does not fit into a record batch, or value_refused().
  [[nodiscard]] Result<void> append(const Column& column, std::size_t from, std::size_t to);

  // The bytes held now.
  [[nodiscard]] std::size_t bytes() const { return data_.size() + offsets_.size() * sizeof(std::int32_t); }

  // Appends the buffers to the body of a message, and tells where they are. Clears the column.
  void flush(std::string& body, std::vector<Node>& nodes, std::vector<Buffer>& buffers);

 private:
  void clear();
  void append_validity(const Column& column, std::size_t from, std::size_t to);
  void append_bits(const Column& column, std::size_t from, std::size_t to);
  [[nodiscard]] Result<void> append_numbers(const Column& column, std::size_t from, std::size_t to);
  [[nodiscard]] Result<void> append_texts(const Column& column, std::size_t from, std::size_t to);
  template <typename T>
  void put(T value) {
    data_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  catalog::SizedType type_;
  std::size_t rows_ = 0;
  std::size_t nulls_ = 0;
  std::string validity_;  // a bit for each row
  std::string data_;
  std::vector<std::int32_t> offsets_;  // of texts
};

}  // namespace offloader::rows::arrow
