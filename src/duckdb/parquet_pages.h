#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"

// The checksums of Parquet's pages, which DuckDB does not look at: a footer says where each column's pages
// are, and a page's header may hold the CRC-32 of its bytes. Whatever is malformed is left to DuckDB to
// refuse.
namespace offloader::duckdb {

// The pages of one column in one row group.
struct ParquetChunk {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::uint32_t column = 0;  // index into PageMap::columns
};

struct PageMap {
  std::vector<std::string> columns;  // top-level names
  std::vector<ParquetChunk> chunks;  // ascending by offset
};

// Of a footer's bytes, without its length and magic; empty where they cannot be read.
[[nodiscard]] PageMap page_map(std::string_view footer, std::uint64_t file_size);

// Reads exactly `length` bytes.
using ReadBytes = std::function<Result<void>(std::uint64_t offset, char* buffer, std::uint64_t length)>;

// The offset of the chunk's first page whose bytes are not those of its checksum. Reads a MiB at a time, and
// nothing of pages without a checksum but their headers.
[[nodiscard]] Result<std::optional<std::uint64_t>> damaged_page(const ParquetChunk& chunk,
                                                                const ReadBytes& read);

// The same of all chunks that lie completely in `bytes`, which begin at `offset` of the file.
[[nodiscard]] std::optional<std::uint64_t> damaged_page_in(const PageMap& map, std::uint64_t offset,
                                                           std::string_view bytes);

// `The page at byte 4 does not have its checksum.`
[[nodiscard]] std::string damaged_page_text(std::uint64_t offset);

// The page map of a local file; empty where it has none.
[[nodiscard]] PageMap page_map_of(std::uint64_t file_size, const ReadBytes& read);

}  // namespace offloader::duckdb
