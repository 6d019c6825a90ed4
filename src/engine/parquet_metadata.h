#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"
#include "parquet_schema.h"

// What a Parquet file says of itself, as far as its pages can be checked by it. Whatever is malformed is left
// to DuckDB to refuse.
namespace offloader::engine {

// The pages of one column in one row group.
struct ParquetChunk {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::uint64_t values = 0;  // or its row group's rows, where they are more: DuckDB reads pages until then
  std::uint32_t column = 0;  // index into PageMap::columns
  std::int64_t codec = 0;    // as CompressionCodec of parquet.thrift
  // Whether a page of the first version begins with levels of repetition and of definition.
  bool repeated = false;
  bool optional = false;
};

struct PageMap {
  std::vector<std::string> columns;  // top-level names
  std::vector<ParquetChunk> chunks;  // ascending by offset
  // What DuckDB would take for another type than it is, by column (parquet_schema.h).
  std::vector<SchemaProblem> schema_problems;
};

// Of a footer's bytes, without its length and magic; empty where they cannot be read.
[[nodiscard]] PageMap page_map(std::string_view footer, std::uint64_t file_size);

// Reads exactly `length` bytes.
using ReadBytes = std::function<Result<void>(std::uint64_t offset, char* buffer, std::uint64_t length)>;

// The page map of a local file; empty where it has none.
[[nodiscard]] PageMap page_map_of(std::uint64_t file_size, const ReadBytes& read);

struct PageHeader {
  // Numbers of parquet.thrift.
  enum Type : std::int32_t { kData = 0, kDictionary = 2, kDataV2 = 3 };
  enum Encoding : std::int32_t { kDeltaLengthByteArray = 6, kDeltaByteArray = 7 };

  // Of a page of data or of a dictionary, as the header says it: a damaged one has negative numbers.
  struct Values {
    std::int64_t count = 0;  // nulls among them
    std::int64_t encoding = 0;
    // Of data's second version: the levels, which are never compressed, and whether the rest is.
    std::int64_t repetition_levels = 0;
    std::int64_t definition_levels = 0;
    bool compressed = true;
  };

  std::uint64_t header = 0;        // bytes of the header itself
  std::uint64_t body = 0;          // bytes of what follows it
  std::uint64_t uncompressed = 0;  // what the body becomes
  std::optional<std::uint32_t> checksum;
  std::int32_t type = -1;
  Values values;

  [[nodiscard]] bool is_data() const { return type == kData || type == kDataV2; }
  // Texts whose lengths are packed deltas. (Of DELTA_BINARY_PACKED itself, which is for integers, DuckDB
  // reads damaged ones as other integers, within its memory.)
  [[nodiscard]] bool has_delta_lengths() const {
    return is_data() && (values.encoding == kDeltaLengthByteArray || values.encoding == kDeltaByteArray);
  }
};

// Nothing where `bytes` do not begin with a whole header, or where a size of the page is negative.
[[nodiscard]] std::optional<PageHeader> page_header(std::string_view bytes);

}  // namespace offloader::engine
