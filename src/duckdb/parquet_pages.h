#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/result.h"
#include "parquet_metadata.h"

// Checks the pages of Parquet files before DuckDB reads them. It verifies the checksums, which DuckDB
// ignores, and finds damage that makes DuckDB access memory outside of its buffers and so crash the process.
// Thread-safe.
namespace offloader::duckdb {

struct DamagedPage {
  std::uint64_t offset = 0;  // of its header
  std::string text;          // `The page at byte 4 does not match its checksum.`
  bool too_large = false;    // not known to be damaged, but too large to check

  friend bool operator==(const DamagedPage&, const DamagedPage&) = default;
};

// Whether to compare pages with their checksums, which also finds damage that changes only values.
enum class Checksums : bool { ignore, verify };

// Returns the first damaged page of the chunk; nullopt if there is none or if a page header cannot be parsed,
// which DuckDB rejects. Reads only the headers of most pages, but all of a page whose checksum is verified or
// that has texts in a delta encoding, 1 MiB at a time. Errors: those of `read`.
[[nodiscard]] Result<std::optional<DamagedPage>> damaged_page(const ParquetChunk& chunk,
                                                              std::uint64_t file_size, const ReadBytes& read,
                                                              Checksums checksums = Checksums::verify);

// The same for all chunks that begin within `bytes`, which are at `offset` of the file: DuckDB decodes a
// chunk from its first page on. `read` is called only for bytes of such a chunk that are outside of `bytes`.
[[nodiscard]] Result<std::optional<DamagedPage>> damaged_page_in(const PageMap& map, std::uint64_t file_size,
                                                                 std::uint64_t offset, std::string_view bytes,
                                                                 const ReadBytes& read);

}  // namespace offloader::duckdb
