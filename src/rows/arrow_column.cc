#include "arrow_column.h"

#include <cstring>
#include <limits>
#include <optional>

#include "offloader/rows/typed_values.h"

namespace offloader::rows::arrow {
namespace {

using catalog::ColumnType;

void set_bit(std::string& bits, std::size_t at, bool value) {
  if (at % 8 == 0) bits.push_back('\0');
  if (value) bits.back() = static_cast<char>(bits.back() | 1 << at % 8);
}

// Appends the buffer and the bytes up to the next aligned place.
Buffer add_buffer(std::string& body, std::string_view bytes) {
  const Buffer buffer{.offset = static_cast<std::int64_t>(body.size()),
                      .length = static_cast<std::int64_t>(bytes.size())};
  body.append(bytes);
  body.append((kAlignment - body.size() % kAlignment) % kAlignment, '\0');
  return buffer;
}

}  // namespace

void ColumnBuilder::clear() {
  rows_ = 0;
  nulls_ = 0;
  validity_.clear();
  data_.clear();
  offsets_.assign(is_text(type_.type) ? 1 : 0, 0);
}

Result<void> ColumnBuilder::append(const Column& column, std::size_t from, std::size_t to) {
  append_validity(column, from, to);
  if (is_text(type_.type)) {
    if (auto appended = append_texts(column, from, to); !appended) return appended;
  } else if (type_.type == ColumnType::boolean) {
    append_bits(column, from, to);
  } else if (is_stored_as(column, type_)) {
    const std::size_t width = stored_bytes(type_.type);
    const std::size_t begin = data_.size();
    data_.append(static_cast<const char*>(column.values) + from * width, (to - from) * width);
    // What is in the place of a null may be from anywhere in memory.
    for (std::size_t row = from; row < to; ++row) {
      if (column.is_null(row)) std::memset(data_.data() + begin + (row - from) * width, 0, width);
    }
  } else {
    if (auto appended = append_numbers(column, from, to); !appended) return appended;
  }
  rows_ += to - from;
  return {};
}

void ColumnBuilder::append_validity(const Column& column, std::size_t from, std::size_t to) {
  for (std::size_t row = from; row < to; ++row) {
    const bool null = column.is_null(row);
    set_bit(validity_, rows_ + row - from, !null);
    nulls_ += null ? 1 : 0;
  }
}

void ColumnBuilder::append_bits(const Column& column, std::size_t from, std::size_t to) {
  for (std::size_t row = from; row < to; ++row)
    set_bit(data_, rows_ + row - from, !column.is_null(row) && column.at<bool>(row));
}

// A snapshot may store another numeric type than the contract declares.
Result<void> ColumnBuilder::append_numbers(const Column& column, std::size_t from, std::size_t to) {
  for (std::size_t row = from; row < to; ++row) {
    const bool null = column.is_null(row);
    if (type_ == ColumnType::float64) {
      put(null ? 0.0 : double_at(column, row));
      continue;
    }
    const std::optional<Int128> value = null ? Int128{0} : exact_at(column, row, type_);
    if (!value) return fail(value_refused(type_));
    if (type_ == ColumnType::decimal) {
      put(Wide::of(*value));
    } else if (type_ == ColumnType::integer) {
      put(static_cast<std::int32_t>(*value));
    } else {
      put(static_cast<std::int64_t>(*value));
    }
  }
  return {};
}

Result<void> ColumnBuilder::append_texts(const Column& column, std::size_t from, std::size_t to) {
  UuidText uuid;
  for (std::size_t row = from; row < to; ++row) {
    const std::string_view text = column.is_null(row) ? std::string_view() : text_at(column, row, uuid);
    if (text.size() > std::numeric_limits<std::int32_t>::max() - data_.size())
      return fail(ErrorCode::internal, "The engine failed.",
                  "the texts of a record batch have more than 2 GiB");
    data_.append(text);
    offsets_.push_back(static_cast<std::int32_t>(data_.size()));
  }
  return {};
}

void ColumnBuilder::flush(std::string& body, std::vector<Node>& nodes, std::vector<Buffer>& buffers) {
  nodes.push_back({static_cast<std::int64_t>(rows_), static_cast<std::int64_t>(nulls_)});
  buffers.push_back(add_buffer(body, nulls_ > 0 ? std::string_view(validity_) : std::string_view()));
  if (is_text(type_.type)) {
    buffers.push_back(add_buffer(
        body, {reinterpret_cast<const char*>(offsets_.data()), offsets_.size() * sizeof(std::int32_t)}));
  }
  buffers.push_back(add_buffer(body, data_));
  clear();
}

}  // namespace offloader::rows::arrow
