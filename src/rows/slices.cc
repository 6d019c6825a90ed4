#include "offloader/rows/slices.h"

#include <algorithm>
#include <array>
#include <vector>

#include "offloader/rows/typed_values.h"

namespace offloader::rows {
namespace {

constexpr std::size_t kWordRows = 64;  // rows of a word of the validity

bool has_texts(const Column& column) {
  return column.kind == Kind::text || column.kind == Kind::json;
}

std::size_t text_bytes(const Column& column, std::size_t row) {
  UuidText unused;
  return column.is_null(row) ? 0 : text_at(column, row, unused).size();
}

std::size_t text_bytes(const Batch& batch, std::size_t row) {
  std::size_t bytes = 0;
  for (const Column& column : batch.columns) {
    if (has_texts(column)) bytes += text_bytes(column, row);
  }
  return bytes;
}

std::size_t width_of(const Column& column) {
  switch (column.kind) {
    case Kind::boolean:
      return sizeof(bool);
    case Kind::int32:
    case Kind::date:
      return sizeof(std::int32_t);
    case Kind::int64:
    case Kind::float64:
    case Kind::timestamp:
    case Kind::timestamptz:
      return sizeof(std::int64_t);
    case Kind::int128:
    case Kind::decimal:
    case Kind::uuid:
      return sizeof(Wide);
    case Kind::text:
      return column.dictionary != nullptr ? sizeof(std::uint32_t) : sizeof(std::string_view);
    case Kind::json:
      break;
  }
  return sizeof(std::string_view);
}

// The columns of a slice. Its validity begins with the bit of its first row, which may be in the middle of a
// word of the batch's.
class Slice {
 public:
  Batch of(const Batch& batch, std::size_t from, std::size_t to) {
    columns_.assign(batch.columns.begin(), batch.columns.end());
    validity_.resize(columns_.size());
    const std::size_t words = (to - from + kWordRows - 1) / kWordRows;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      Column& column = columns_[c];
      const std::uint64_t* const bits = column.validity;
      column.values = static_cast<const char*>(column.values) + from * width_of(column);
      if (bits == nullptr) continue;
      for (std::size_t i = 0; i < words; ++i)
        validity_[c][i] = word_at(bits, from + i * kWordRows, batch.rows);
      column.validity = validity_[c].data();
    }
    return {.columns = columns_, .rows = to - from};
  }

 private:
  // Returns the bits of 64 rows from `row` on; those past the batch are 0.
  static std::uint64_t word_at(const std::uint64_t* bits, std::size_t row, std::size_t rows) {
    const std::size_t shift = row % kWordRows;
    std::uint64_t word = bits[row / kWordRows] >> shift;
    if (shift > 0 && (row / kWordRows + 1) * kWordRows < rows)
      word |= bits[row / kWordRows + 1] << (kWordRows - shift);
    return word;
  }

  std::vector<Column> columns_;
  std::vector<std::array<std::uint64_t, kBatchRows / kWordRows>> validity_;
};

}  // namespace

Result<void> for_each_slice(const Batch& batch, std::size_t most,
                            const std::function<Result<void>(const Batch& slice, bool last)>& visit) {
  if (std::none_of(batch.columns.begin(), batch.columns.end(), has_texts)) return visit(batch, true);
  Slice slice;
  std::size_t from = 0;
  std::size_t bytes = 0;
  for (std::size_t row = 0; row < batch.rows; ++row) {
    const std::size_t own = text_bytes(batch, row);
    if (row > from && bytes + own > most) {
      if (auto visited = visit(slice.of(batch, from, row), false); !visited) return visited;
      from = row;
      bytes = 0;
    }
    bytes += own;
  }
  return visit(from == 0 ? batch : slice.of(batch, from, batch.rows), true);
}

}  // namespace offloader::rows
