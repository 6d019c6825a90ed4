#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/result.h"
#include "parquet_metadata.h"

// Checks the pages of Parquet files before DuckDB reads them: the checksums, which DuckDB ignores, and the
// damage that makes it read or write outside of its memory and so ends the process.
namespace offloader::engine {

struct DamagedPage {
  std::uint64_t offset = 0;  // of its header
  std::string text;          // `The page at byte 4 does not have the bytes of its checksum.`
  bool too_large = false;    // sound, as far as is known, and more than may be looked at

  friend bool operator==(const DamagedPage&, const DamagedPage&) = default;
};

// Returns the chunk's first damaged page; nullopt if there is none or if a page header cannot be parsed,
// which DuckDB rejects. Reads only the headers of most pages, and the whole of a page that has a checksum or
// texts in a delta encoding, a MiB at a time. Errors: those of `read`.
[[nodiscard]] Result<std::optional<DamagedPage>> damaged_page(const ParquetChunk& chunk,
                                                              std::uint64_t file_size, const ReadBytes& read);

// The same of all chunks that lie completely in `bytes`, which begin at `offset` of the file.
[[nodiscard]] std::optional<DamagedPage> damaged_page_in(const PageMap& map, std::uint64_t offset,
                                                         std::string_view bytes);

}  // namespace offloader::engine
