#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

// Column batches: what executors produce and writers consume (docs/architecture.md). A batch is a view. Its
// arrays belong to the executor and are valid until Writer::write() returns.
namespace offloader::rows {

// The most rows of one batch.
inline constexpr std::size_t kBatchRows = 2048;

// What the values of a column are, in memory.
enum class Kind : std::uint8_t {
  boolean,    // bool
  int32,      // std::int32_t
  int64,      // std::int64_t
  int128,     // two std::uint64_t, the low one first; not necessarily aligned to 16 bytes
  float64,    // double
  date,       // std::int32_t, days since 1970-01-01
  timestamp,  // std::int64_t, microseconds since 1970-01-01T00:00:00Z
  text,       // std::string_view, valid UTF-8; or std::uint32_t codes, where the column has a dictionary
  json,       // std::string_view, a valid JSON document
};

// Texts laid end to end, found by offsets. They may lie in a file that is damaged: whatever the offsets say,
// what comes out lies inside the bytes or is empty.
struct PackedTexts {
  const std::byte* offsets = nullptr;
  std::size_t offset_width = 4;  // bytes: 4 or 8
  const char* bytes = nullptr;
  std::uint64_t byte_count = 0;
  std::uint64_t count = 0;

  [[nodiscard]] std::string_view at(std::uint64_t i) const {
    if (i >= count) return {};
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    if (offset_width == 4) {
      std::uint32_t pair[2];
      std::memcpy(pair, offsets + i * 4, sizeof pair);
      from = pair[0];
      to = pair[1];
    } else {
      std::uint64_t pair[2];
      std::memcpy(pair, offsets + i * 8, sizeof pair);
      from = pair[0];
      to = pair[1];
    }
    if (from > to || to > byte_count) return {};
    return {bytes + from, to - from};
  }
};

// The distinct values of a text column. `escaped` holds the same texts as JSON writes them, without quotes:
// the JSON writer copies them.
struct Dictionary {
  PackedTexts texts;
  PackedTexts escaped;
};

struct Column {
  Kind kind = Kind::text;
  const void* values = nullptr;             // an array of what `kind` says, one for each row
  const std::uint64_t* validity = nullptr;  // bit i is set when row i has a value; null: all rows have one
  const Dictionary* dictionary = nullptr;   // of texts alone: then `values` are codes

  template <typename T>
  [[nodiscard]] T at(std::size_t row) const {
    return static_cast<const T*>(values)[row];
  }
  [[nodiscard]] bool is_null(std::size_t row) const {
    return validity != nullptr && (validity[row / 64] >> (row % 64) & 1) == 0;
  }
};

struct Batch {
  std::span<const Column> columns;  // as many as Columns says, in its order
  std::size_t rows = 0;             // at most kBatchRows
};

}  // namespace offloader::rows
