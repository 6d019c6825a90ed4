#include "page_map_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace offloader::duckdb {
namespace {

PageMapCache::Map map_with(std::size_t chunks) {
  PageMap map;
  map.chunks.resize(chunks);
  return std::make_shared<const PageMap>(std::move(map));
}

// Counts the loads.
class PageMapCacheTest : public ::testing::Test {
 protected:
  PageMapCache::Load loading(std::size_t chunks) {
    return [this, chunks]() -> Result<PageMapCache::Map> {
      ++loads_;
      return map_with(chunks);
    };
  }
  int loads_ = 0;
};

TEST_F(PageMapCacheTest, Get_WithinTheLimit_LoadsEachMapOnce) {
  PageMapCache cache(2 * bytes_of(*map_with(100)));
  for (int i = 0; i < 3; ++i) {
    for (const std::size_t file : {0, 1}) {
      const auto map = cache.get(file, loading(100));
      ASSERT_TRUE(map);
      EXPECT_EQ((*map)->chunks.size(), 100U);
    }
  }
  EXPECT_EQ(loads_, 2);
}

TEST_F(PageMapCacheTest, Get_BeyondTheLimit_DropsTheMapNotUsedForLongestAndLoadsItAgain) {
  PageMapCache cache(2 * bytes_of(*map_with(100)));
  for (const std::size_t file : {0, 1, 0, 2}) EXPECT_TRUE(cache.get(file, loading(100)));
  EXPECT_EQ(loads_, 3);
  EXPECT_LE(cache.bytes(), 2 * bytes_of(*map_with(100)));
  EXPECT_TRUE(cache.get(0, loading(100)));
  EXPECT_EQ(loads_, 3);
  EXPECT_TRUE(cache.get(1, loading(100)));
  EXPECT_EQ(loads_, 4);
}

TEST_F(PageMapCacheTest, Get_MapLargerThanTheLimit_IsLoadedForEachUse) {
  PageMapCache cache(bytes_of(*map_with(1)));
  for (int i = 0; i < 2; ++i) {
    const auto map = cache.get(0, loading(100));
    ASSERT_TRUE(map);
    EXPECT_EQ((*map)->chunks.size(), 100U);
  }
  EXPECT_EQ(loads_, 2);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST_F(PageMapCacheTest, Get_LoadFails_ReturnsItsErrorAndKeepsNothing) {
  PageMapCache cache(1 << 20);
  const auto failed =
      cache.get(0, []() -> Result<PageMapCache::Map> { return fail(ErrorCode::unavailable, "no store"); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(cache.get(0, loading(1)));
  EXPECT_EQ(loads_, 1);
}

TEST_F(PageMapCacheTest, Get_DuringALoadOfTheSameFile_IsNotBlocked) {
  PageMapCache cache(1 << 20);
  const auto outer = cache.get(0, [&] { return cache.get(0, loading(7)); });
  ASSERT_TRUE(outer);
  EXPECT_EQ((*outer)->chunks.size(), 7U);
}

}  // namespace
}  // namespace offloader::duckdb
