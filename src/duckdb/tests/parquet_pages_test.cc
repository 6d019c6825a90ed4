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
  const auto map = page_map_of(sound.size(), read_of(sound));
  ASSERT_EQ(map.chunks.size(), 1U);
  EXPECT_THAT(map.columns, ElementsAre("id"));
  EXPECT_EQ(damaged_page_in(map, 0, sound), std::nullopt);
  int found = 0;
  for (std::size_t i = 0; i < sound.size(); ++i) {
    for (const int bit : {0, 3, 7}) {
      auto mutated = sound;
      mutated[i] = static_cast<char>(mutated[i] ^ (1 << bit));
      const auto pages = page_map_of(mutated.size(), read_of(mutated));
      for (const auto& chunk : pages.chunks) {
        const auto page = damaged_page(chunk, mutated.size(), read_of(mutated));
        ASSERT_TRUE(page);
        EXPECT_EQ(*page, damaged_page_in(pages, 0, mutated));
        found += page->has_value() ? 1 : 0;
      }
    }
  }
  EXPECT_GT(found, 3 * 200);  // every bit tested in the values and levels
}

}  // namespace
}  // namespace offloader::duckdb
