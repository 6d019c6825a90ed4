#include "parquet_delta.h"

#include <gmock/gmock.h>

#include <random>

#include "offloader/duckdb/testing/parquet_encodings.h"
#include "parquet_codec.h"
#include "parquet_page_check.h"

// Damaged pages in delta encodings make DuckDB access memory outside of its buffers.
namespace offloader::duckdb {
namespace {

using namespace testing::parquet_encodings;
using Encoding = PageHeader::Encoding;

std::vector<std::string> random_texts(std::mt19937_64& random, std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = out.empty() ? "" : out.back().substr(0, random() % (out.back().size() + 1));
    for (auto more = random() % (random() % 8 == 0 ? 200 : 6); more > 0; --more) {
      text += static_cast<char>('a' + random() % 26);
    }
    out.push_back(text);
  }
  return out;
}

TEST(ParquetDelta, DeltaProblem_ValidValuesOfAnyLayout_IsNone) {
  std::mt19937_64 random(7);
  for (const Layout layout : {Layout{128, 4}, Layout{2048, 8}, Layout{32, 1}, Layout{256, 1}}) {
    for (const std::size_t count : {0, 1, 2, 32, 33, 64, 129, 1000}) {
      const auto texts = random_texts(random, count);
      const auto arrays = delta_byte_array(texts, layout);
      EXPECT_EQ(delta_problem(Encoding::kDeltaByteArray, arrays, count), std::nullopt) << count;
      const auto lengths = delta_length_byte_array(texts, layout);
      EXPECT_EQ(delta_problem(Encoding::kDeltaLengthByteArray, lengths, count), std::nullopt) << count;
      // Nulls count as values but have no delta.
      EXPECT_EQ(delta_problem(Encoding::kDeltaByteArray, arrays, count + 5), std::nullopt) << count;
    }
  }
}

TEST(ParquetDelta, DeltaProblem_DamageUnsafeForDuckdb_IsReported) {
  const auto problem = [](Encoding encoding, const std::string& bytes, std::uint64_t values = 3) {
    return delta_problem(encoding, bytes, values).value_or("");
  };
  for (const auto encoding : {Encoding::kDeltaLengthByteArray, Encoding::kDeltaByteArray}) {
    EXPECT_EQ(problem(encoding, header({0, 4}, 3, 1)), "the block size is 0");
    EXPECT_EQ(problem(encoding, header({1ULL << 40, 4}, 3, 1)), "the block size is 1099511627776");
    EXPECT_EQ(problem(encoding, header({128, 0}, 3, 1)), "a block of 128 values cannot have 0 miniblocks");
    EXPECT_EQ(problem(encoding, header({128, 3}, 3, 1)), "a block of 128 values cannot have 3 miniblocks");
    EXPECT_EQ(problem(encoding, header({128, 8}, 3, 1)), "a block of 128 values cannot have 8 miniblocks");
    EXPECT_EQ(problem(encoding, header({128, 4}, 4, 1)), "it has 4 values, but at most 3 are allowed");
    EXPECT_EQ(problem(encoding, header({128, 4}, (1ULL << 62) + 3, 1)),
              "it has 4611686018427387907 values, but at most 3 are allowed");
    EXPECT_EQ(problem(encoding, header({128, 4}, 1 << 27, 1), 1 << 27),
              "it has 134217728 values, but at most 67108864 are allowed");
    EXPECT_EQ(problem(encoding, ""), "the header is truncated");
    EXPECT_EQ(problem(encoding, std::string(40, '\x80')), "the header is truncated");
  }
  const std::string none = packed({0, 0, 0});
  EXPECT_EQ(problem(Encoding::kDeltaByteArray, none + header({0, 4}, 3, 1)), "the block size is 0");
  EXPECT_EQ(problem(Encoding::kDeltaByteArray, none + packed({1, 1}) + "ab"),
            "it has 3 prefixes but 2 suffixes");
  EXPECT_EQ(problem(Encoding::kDeltaByteArray, packed({0, 2, 0}) + packed({1, 1, 1}) + "abc"),
            "the prefix of value 1 is longer than the value before it");
  EXPECT_EQ(problem(Encoding::kDeltaByteArray, none + packed({1, 1, 2}) + "abc"),
            "value 2 extends past the end of the page");
  // A prefix of 10 and a suffix of -5 make a text of 5, for which DuckDB would allocate memory.
  EXPECT_EQ(problem(Encoding::kDeltaByteArray, packed({0, 10, 0}) + packed({10, -5, 1}) + "abcdefghijk"),
            "value 1 extends past the end of the page");
  EXPECT_EQ(problem(Encoding::kDeltaByteArray, packed({0, 0, 40}).substr(0, 8)),
            "the prefixes are truncated");
  EXPECT_EQ(problem(Encoding::kDeltaByteArray, none + packed({0, 0, 40}).substr(0, 8)),
            "the suffixes are truncated");
}

TEST(ParquetCodec, DecompressPage_WrongSizeOrTruncated_ReturnsFalse) {
  std::mt19937_64 random(3);
  for (const auto& codec : kCodecs) {
    if (codec.compress == nullptr) continue;
    for (const std::size_t size : {0, 1, 500, 100'000}) {
      std::string in;
      while (in.size() < size) in += std::to_string(random() % 1000);
      in.resize(size);
      const auto stored = codec.compress(in);
      std::string out(size, '\0');
      EXPECT_TRUE(decompress_page(codec.number, stored, out)) << codec.name << size;
      EXPECT_EQ(out, in);
      std::string longer(size + 1, '\0');
      EXPECT_FALSE(decompress_page(codec.number, stored, longer)) << codec.name << size;
      if (size == 0) continue;
      std::string shorter(size - 1, '\0');
      EXPECT_FALSE(decompress_page(codec.number, stored, shorter)) << codec.name << size;
      EXPECT_FALSE(decompress_page(codec.number, stored.substr(0, stored.size() / 2), out))
          << codec.name << size;
    }
  }
  for (const int unknown : {-1, 3, 5, 8}) EXPECT_FALSE(is_known_codec(unknown));
}

TEST(ParquetPageCheck, HeaderProblem_DictionaryOfMoreValuesThanBytes_IsReported) {
  PageHeader page;
  page.type = PageHeader::kDictionary;
  page.body = page.uncompressed = 40;
  page.values.count = 41;
  EXPECT_EQ(header_problem({}, page), PageProblem{"declares a dictionary of 41 values in 40 bytes"});
  page.values.count = 40;
  EXPECT_EQ(header_problem({}, page), std::nullopt);
  page.values.count = -1;
  EXPECT_EQ(header_problem({}, page), PageProblem{"has a negative number in its header"});
}

}  // namespace
}  // namespace offloader::duckdb
