#include "parquet_pages.h"

#include <gmock/gmock.h>

#include <cstring>

#include "offloader/duckdb/testing/parquet_bytes.h"

namespace offloader::duckdb {
namespace {

namespace parquet_bytes = duckdb::testing::parquet_bytes;
using parquet_bytes::plain;
using ::testing::ElementsAre;

TEST(ParquetPages, DamagedPage_AnyFlippedBit_ReadsWithinTheFile) {
  parquet_bytes::Column id{"id", parquet_bytes::kInt32, {}, {}, 0, 0, 0, -1, false, false};
  for (int i = 0; i < 50; ++i) id.values.push_back(plain(i));
  const auto sound = parquet_bytes::file_of({id}, true);
  const auto read_of = [](const std::string& bytes) {
    return [&bytes](std::uint64_t offset, char* buffer, std::uint64_t length) -> Result<void> {
      EXPECT_LE(offset + length, bytes.size());
      std::memcpy(buffer, bytes.data() + offset, length);
      return {};
    };
  };
  const auto footer = read_footer(sound.size(), read_of(sound));
  ASSERT_TRUE(footer);
  const auto& map = std::get<PageMap>(*footer);
  ASSERT_EQ(map.chunks.size(), 1U);
  EXPECT_THAT(map.columns, ElementsAre("id"));
  const auto none = damaged_page_in(map, sound.size(), 0, sound, read_of(sound));
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, std::nullopt);
  int found = 0;
  for (std::size_t i = 0; i < sound.size(); ++i) {
    for (const int bit : {0, 3, 7}) {
      auto mutated = sound;
      mutated[i] = static_cast<char>(mutated[i] ^ (1 << bit));
      const auto read = read_footer(mutated.size(), read_of(mutated));
      ASSERT_TRUE(read);
      const auto* const pages = std::get_if<PageMap>(&*read);
      if (pages == nullptr) continue;
      for (const auto& chunk : pages->chunks) {
        const auto page = damaged_page(chunk, mutated.size(), read_of(mutated));
        ASSERT_TRUE(page);
        // The same, whether all of the chunk is in memory or only a part that has its first byte.
        for (const std::uint64_t length : {std::uint64_t{mutated.size()}, std::uint64_t{40}}) {
          if (length <= chunk.offset) continue;
          const auto partly =
              damaged_page_in(*pages, mutated.size(), 0, mutated.substr(0, length), read_of(mutated));
          ASSERT_TRUE(partly);
          EXPECT_EQ(*page, *partly);
        }
        found += page->has_value() ? 1 : 0;
      }
    }
  }
  EXPECT_GT(found, 3 * 200);  // every bit tested in the values and levels
}

}  // namespace
}  // namespace offloader::duckdb
