// Compares searches in sorted columns and dictionaries with the standard library's.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "offloader/index/key.h"
#include "search.h"
#include "sorted_column.h"

namespace offloader::index {
namespace {

template <typename Stored>
class IndexSearch : public ::testing::Test {};
TYPED_TEST_SUITE(IndexSearch, KeyWidths);

template <typename Stored>
void expect_as_the_library_finds(const std::vector<Stored>& keys, Stored greatest, std::mt19937_64& random) {
  Column column = column_of(keys);
  column.max_key = greatest;
  const auto size = static_cast<std::uint32_t>(keys.size());
  for (int i = 0; i < 200; ++i) {
    Range range{static_cast<std::uint32_t>(random() % (size + 1)),
                static_cast<std::uint32_t>(random() % (size + 1))};
    if (range.begin > range.end) std::swap(range.begin, range.end);
    if (i % 4 == 0) range = {0, size};
    // Keys that are present, their neighbors, and random ones.
    std::uint64_t low =
        i % 3 == 0 || keys.empty() ? random() : keys[random() % keys.size()] + random() % 3 - 1;
    std::uint64_t high = i % 5 == 0 ? std::numeric_limits<std::uint64_t>::max() : low + random() % 50;
    if (low > high) std::swap(low, high);
    const auto first = keys.begin() + range.begin;
    const auto last = keys.begin() + range.end;
    const auto begin = std::lower_bound(first, last, low);
    const auto end = std::upper_bound(begin, last, high);
    const Range found = rows_between(column, range, low, high);
    ASSERT_EQ(found.begin, begin - keys.begin()) << low << " in " << range.begin << " to " << range.end;
    ASSERT_EQ(found.end, end - keys.begin()) << high << " in " << range.begin << " to " << range.end;
  }
}

TYPED_TEST(IndexSearch, RowsBetween_AnyDistributionOfKeys_MatchesStdLowerBound) {
  std::mt19937_64 random(3);
  const auto greatest = std::numeric_limits<TypeParam>::max();
  for (const std::size_t size : {0, 1, 2, 63, 255, 256, 257, 1000, 20'000}) {
    std::vector<TypeParam> even(size);
    std::vector<TypeParam> clustered(size);
    for (std::size_t i = 0; i < size; ++i) {
      even[i] = static_cast<TypeParam>(random());
      // Nearly all keys are close to the greatest one, so that every guess is far off.
      clustered[i] = static_cast<TypeParam>(random() % 50 == 0 ? random() : greatest - random() % 7);
    }
    for (auto* keys : {&even, &clustered}) {
      std::sort(keys->begin(), keys->end());
      expect_as_the_library_finds<TypeParam>(*keys, keys->empty() ? TypeParam{0} : keys->back(), random);
      expect_as_the_library_finds<TypeParam>(*keys, 1, random);  // max_key of a damaged file
    }
    expect_as_the_library_finds<TypeParam>(std::vector<TypeParam>(size, 5), 5, random);
  }
}

TEST(IndexSearchOfDoubles, RowsBetween_EitherZero_FindsBothZeros) {
  std::vector<std::uint64_t> keys;
  for (const double value : {-1.0, -0.0, 0.0, 1.0}) keys.insert(keys.end(), 100, key_of_double(value));
  const Column column = column_of(keys, catalog::ColumnType::float64);
  for (const std::uint64_t zero : {kNegativeZeroKey, kPositiveZeroKey}) {
    const Range found = rows_between(column, {0, 400}, zero, zero);
    EXPECT_EQ(found.begin, 100U);
    EXPECT_EQ(found.end, 300U);
  }
}

struct Dictionary {
  explicit Dictionary(std::vector<std::string> texts) {
    for (const std::string& text : texts) {
      bytes += text;
      offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
    }
    column.dictionary.texts.offsets = reinterpret_cast<const std::byte*>(offsets.data());
    column.dictionary.texts.bytes = bytes.data();
    column.dictionary.texts.byte_count = bytes.size();
    column.dictionary.texts.count = texts.size();
  }
  std::vector<std::uint32_t> offsets{0};
  std::string bytes;
  Column column;
};

// Two dictionaries contain the same texts with different codes, as those of two snapshots do.
TEST(IndexSearchOfTexts, LowerCode_CodeCachedFromAnotherDictionary_IsNotTrusted) {
  const Dictionary before({"acme", "globex", "initech"});
  const Dictionary after({"aardvark", "acme", "acme corp", "hooli", "initech"});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(lower_code(before.column, "acme"), 0U);
    EXPECT_EQ(lower_code(after.column, "acme"), 1U);
    EXPECT_EQ(lower_code(before.column, "globex"), 1U);
    EXPECT_EQ(lower_code(after.column, "globex"), 3U) << "the next one";
    EXPECT_EQ(lower_code(before.column, "initech"), 2U);
    EXPECT_EQ(lower_code(after.column, "initech"), 4U);
    EXPECT_EQ(lower_code(before.column, "zorg"), 3U) << "past all";
    EXPECT_EQ(lower_code(before.column, ""), 0U);
  }
}

TEST(IndexSearchOfTexts, LowerCode_MoreTextsThanTheCacheHolds_FindsEach) {
  std::vector<std::string> texts;
  for (int i = 0; i < 30'000; ++i) texts.push_back("tenant " + std::to_string(100'000 + i));
  const Dictionary dictionary(texts);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < texts.size(); ++i) ASSERT_EQ(lower_code(dictionary.column, texts[i]), i);
  }
}

}  // namespace
}  // namespace offloader::index
