// Files with any bytes, most of them nearly Parquet: their page maps and pages are read within bounds, and a
// chunk that is in memory is told the same as one that is read piece by piece.
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
  const auto map = engine::page_map_of(file.size(), read);
  std::optional<engine::DamagedPage> first;
  for (const auto& chunk : map.chunks) {
    auto page = engine::damaged_page(chunk, file.size(), read);
    if (!page) std::abort();
    if (!first) first = std::move(*page);
  }
  const auto together = engine::damaged_page_in(map, 0, file);
  if (first != together) std::abort();
  return 0;
}
