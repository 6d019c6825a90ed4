#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/result.h"
#include "parquet_metadata.h"

// The pages of Parquet files, checked before DuckDB reads them: their checksums, which it does not look at,
// and what it would follow out of its memory, which ends the process.
namespace offloader::engine {

struct DamagedPage {
  std::uint64_t offset = 0;  // of its header
  std::string text;          // `The page at byte 4 does not have the bytes of its checksum.`
  bool too_large = false;    // sound, as far as is known, and more than may be looked at

  friend bool operator==(const DamagedPage&, const DamagedPage&) = default;
};

// The chunk's first page that is damaged; nothing of one whose page headers cannot be read, which DuckDB
// refuses. Reads what a page's check needs, a MiB at a time: nothing but the headers of most pages, all of
// one with a checksum or with texts of a delta encoding. Errors: those of `read`.
[[nodiscard]] Result<std::optional<DamagedPage>> damaged_page(const ParquetChunk& chunk,
                                                              std::uint64_t file_size, const ReadBytes& read);

// The same of all chunks that lie completely in `bytes`, which begin at `offset` of the file.
[[nodiscard]] std::optional<DamagedPage> damaged_page_in(const PageMap& map, std::uint64_t offset,
                                                         std::string_view bytes);

}  // namespace offloader::engine
