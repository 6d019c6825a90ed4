#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "offloader/base/result.h"
#include "parquet_schema.h"

// The metadata of a Parquet file, as far as it is needed to check the pages. Thread-safe.
namespace offloader::duckdb {

// The pages of one leaf column in one row group.
struct ParquetChunk {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::uint64_t values = 0;  // at least the rows of the row group: DuckDB reads pages until then
  std::uint32_t column = 0;  // index into PageMap::columns
  std::int64_t codec = 0;    // CompressionCodec of parquet.thrift
  // Whether a page of version 1 begins with repetition levels and with definition levels.
  bool repeated = false;
  bool optional = false;
};

struct PageMap {
  std::vector<std::string> columns;  // top-level names
  std::vector<ParquetChunk> chunks;  // in ascending order of offset
  // Problems that make DuckDB misread a type, by column (parquet_schema.h).
  std::vector<SchemaProblem> schema_problems;
};

// Parses a footer, without its length and magic. Returns nullopt if it is malformed. A footer without pages
// has an empty map, so that no map never means that there is nothing to check.
[[nodiscard]] std::optional<PageMap> page_map(std::string_view footer, std::uint64_t file_size);

// The bytes behind a footer: its length and the magic.
inline constexpr std::uint64_t kFooterTrailer = 8;
// The largest footer that is read. It bounds the memory of a check. DuckDB's metadata takes many times as
// much as its footer.
inline constexpr std::uint64_t kLongestFooter = 64 << 20;

// Returns the length of the footer, given the last bytes of the file, at least kFooterTrailer of them;
// nullopt if the file does not end as a Parquet file does, or is too short for its footer.
[[nodiscard]] std::optional<std::uint64_t> footer_length(std::string_view end, std::uint64_t file_size);

// Footers without a PageMap. Nothing is known of the pages of such a file, so DuckDB must not read them.
struct MalformedFooter {};
struct OversizedFooter {
  std::uint64_t length = 0;  // bytes
};
using Footer = std::variant<MalformedFooter, OversizedFooter, PageMap>;

// Why such a file is rejected, for the person who wrote it.
[[nodiscard]] std::string malformed_footer_reason();
[[nodiscard]] std::string oversized_footer_reason(std::uint64_t length);

// Reads exactly `length` bytes from `offset`.
using ReadBytes = std::function<Result<void>(std::uint64_t offset, char* buffer, std::uint64_t length)>;

// Reads the footer of a file. Errors: those of `read`.
[[nodiscard]] Result<Footer> read_footer(std::uint64_t file_size, const ReadBytes& read);

struct PageHeader {
  // As numbered in parquet.thrift.
  enum Type : std::int32_t { kData = 0, kDictionary = 2, kDataV2 = 3 };
  enum Encoding : std::int32_t { kDeltaLengthByteArray = 6, kDeltaByteArray = 7 };

  // The header of a data or dictionary page, unchecked: numbers of a damaged page may be negative.
  struct Values {
    std::int64_t count = 0;  // includes nulls
    std::int64_t encoding = 0;
    // Only in data pages of version 2: bytes of the levels, which are never compressed, and whether the rest
    // is compressed.
    std::int64_t repetition_levels = 0;
    std::int64_t definition_levels = 0;
    bool compressed = true;
  };

  std::uint64_t header = 0;        // bytes of the header itself
  std::uint64_t body = 0;          // bytes after the header
  std::uint64_t uncompressed = 0;  // bytes of the body when decompressed
  std::optional<std::uint32_t> checksum;
  std::int32_t type = -1;
  Values values;

  [[nodiscard]] bool is_data() const { return type == kData || type == kDataV2; }
  // Whether the page contains texts whose lengths are packed deltas. DELTA_BINARY_PACKED itself, for
  // integers, needs no check: DuckDB decodes damaged ones as other integers, within its memory.
  [[nodiscard]] bool has_delta_lengths() const {
    return is_data() && (values.encoding == kDeltaLengthByteArray || values.encoding == kDeltaByteArray);
  }
};

// Parses the page header at the beginning of `bytes`. Returns nullopt if it is incomplete or malformed, or if
// a size is negative.
[[nodiscard]] std::optional<PageHeader> page_header(std::string_view bytes);

}  // namespace offloader::duckdb
