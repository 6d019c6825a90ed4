#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "offloader/base/json_text.h"

// Column batches, which executors produce and writers consume (docs/architecture.md). A batch is a view. The
// executor owns its arrays, which stay valid until Writer::write() returns. One thread at a time.
namespace offloader::rows {

// The maximum number of rows in a batch.
inline constexpr std::size_t kBatchRows = 2048;

// The in-memory type of a column's values.
enum class Kind : std::uint8_t {
  boolean,      // bool
  int32,        // std::int32_t
  int64,        // std::int64_t
  int128,       // Wide, a signed integer
  decimal,      // Wide, the unscaled value; the column has the scale
  float64,      // double
  date,         // std::int32_t, days since 1970-01-01
  timestamp,    // std::int64_t, microseconds since 1970-01-01T00:00:00Z
  timestamptz,  // the same
  text,         // std::string_view, valid UTF-8; or a std::uint32_t code if the column has a dictionary
  uuid,         // Wide, the UUID as an unsigned number
  json,         // std::string_view, a valid JSON document
};

// The words of a number of 128 bits. Unlike Int128, needs no alignment to 16 bytes.
struct Wide {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  [[nodiscard]] static Wide of(Int128 value) {
    return {static_cast<std::uint64_t>(value), static_cast<std::uint64_t>(static_cast<Uint128>(value) >> 64)};
  }
  friend bool operator==(const Wide&, const Wide&) = default;
  [[nodiscard]] Int128 number() const { return static_cast<Int128>(static_cast<Uint128>(high) << 64 | low); }
};

// A view of texts that are stored end to end and located by offsets. The offsets may come from a damaged
// file: at() never returns bytes outside of `bytes`.
struct PackedTexts {
  const std::byte* offsets = nullptr;  // `count` + 1 offsets, possibly unaligned
  std::size_t offset_width = 4;        // bytes: 4 or 8
  const char* bytes = nullptr;
  std::uint64_t byte_count = 0;
  std::uint64_t count = 0;

  // Returns text `i`, or an empty one if there is none or its offsets are invalid.
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

// The distinct values of a text column. `escaped` holds the same texts escaped for JSON, without quotes, so
// that the JSON writer only copies them.
struct Dictionary {
  PackedTexts texts;
  PackedTexts escaped;
};

struct Column {
  Kind kind = Kind::text;
  const void* values = nullptr;             // an array of the type of `kind`, one value per row
  const std::uint64_t* validity = nullptr;  // bit i is 0 if row i is null; a null pointer: no row is null
  const Dictionary* dictionary = nullptr;   // if not null, `kind` is text and `values` are codes
  std::uint8_t scale = 0;                   // of a decimal: its digits after the point

  template <typename T>
  [[nodiscard]] T at(std::size_t row) const {
    return static_cast<const T*>(values)[row];
  }
  [[nodiscard]] bool is_null(std::size_t row) const {
    return validity != nullptr && (validity[row / 64] >> (row % 64) & 1) == 0;
  }
};

struct Batch {
  std::span<const Column> columns;  // those of Columns, in its order
  std::size_t rows = 0;             // at most kBatchRows
};

}  // namespace offloader::rows
