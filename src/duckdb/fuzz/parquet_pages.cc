// Arbitrary bytes, most of them nearly Parquet: page maps and pages are read within bounds, and a chunk in
// memory gets the same result as one that is read in pieces.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "parquet_pages.h"

using namespace offloader;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  const auto read = [&](std::uint64_t offset, char* buffer, std::uint64_t length) -> Result<void> {
    if (offset > file.size() || length > file.size() - offset) std::abort();
    std::memcpy(buffer, file.data() + offset, length);
    return {};
  };
  const auto footer = duckdb::read_footer(file.size(), read);
  if (!footer) std::abort();
  const auto* const found = std::get_if<duckdb::PageMap>(&*footer);
  if (found == nullptr) return 0;
  const duckdb::PageMap& map = *found;
  std::optional<duckdb::DamagedPage> first;
  for (const auto& chunk : map.chunks) {
    auto page = duckdb::damaged_page(chunk, file.size(), read);
    if (!page) std::abort();
    if (!first) first = std::move(*page);
  }
  const auto together = duckdb::damaged_page_in(map, file.size(), 0, file, read);
  if (!together || first != *together) std::abort();
  // Of the chunks in the first half, the other half is read.
  const auto halved = duckdb::damaged_page_in(map, file.size(), 0, file.substr(0, file.size() / 2), read);
  if (!halved || (*halved && *halved != *together)) std::abort();
  return 0;
}
