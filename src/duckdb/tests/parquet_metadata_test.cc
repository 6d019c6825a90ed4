#include "parquet_metadata.h"

#include <gmock/gmock.h>

#include <cstring>

#include "offloader/duckdb/testing/parquet_bytes.h"

namespace offloader::duckdb {
namespace {

namespace parquet_bytes = duckdb::testing::parquet_bytes;
using parquet_bytes::plain;
using parquet_bytes::Struct;
using ::testing::HasSubstr;

parquet_bytes::Column ids() {
  parquet_bytes::Column id{"id", parquet_bytes::kInt32, {}, {}, 0, 0, 0, -1, false, false};
  for (int i = 0; i < 3; ++i) id.values.push_back(plain(i));
  return id;
}

Result<Footer> footer_of(const std::string& file) {
  return read_footer(file.size(),
                     [&](std::uint64_t offset, char* buffer, std::uint64_t length) -> Result<void> {
                       EXPECT_LE(offset + length, file.size());
                       std::memcpy(buffer, file.data() + offset, length);
                       return {};
                     });
}

bool is_malformed(const std::string& file) {
  const auto footer = footer_of(file);
  return footer && std::holds_alternative<MalformedFooter>(*footer);
}

TEST(ParquetFooter, ReadFooter_SoundFile_HasItsPages) {
  const auto footer = footer_of(parquet_bytes::file_of({ids()}));
  ASSERT_TRUE(footer);
  const auto& map = std::get<PageMap>(*footer);
  ASSERT_EQ(map.chunks.size(), 1U);
  EXPECT_EQ(map.chunks[0].offset, 4U);
}

TEST(ParquetFooter, ReadFooter_FileWithoutRows_HasAMapWithoutPages) {
  const auto footer = Struct().i32(1, 1).list(2, {Struct().text(4, "schema").i32(5, 0)}).i64(3, 0).bytes();
  const auto map = page_map(footer, 1000);
  ASSERT_TRUE(map);
  EXPECT_TRUE(map->chunks.empty());
}

TEST(ParquetFooter, ReadFooter_CutOrForeignEnd_IsMalformed) {
  const auto sound = parquet_bytes::file_of({ids()});
  EXPECT_TRUE(is_malformed(""));
  EXPECT_TRUE(is_malformed("PAR1"));
  EXPECT_TRUE(is_malformed(sound.substr(0, sound.size() - 1)));
  EXPECT_TRUE(is_malformed("PAR1" + plain(std::uint32_t{100}) + "PAR1"));  // longer than the file
  EXPECT_TRUE(is_malformed("PAR1" + plain(std::uint32_t{0}) + "PAR1"));
  EXPECT_TRUE(is_malformed("PAR1 text " + plain(std::uint32_t{6}) + "PAR1"));
}

// DuckDB compares only the first row group with the schema.
TEST(ParquetFooter, ReadFooter_LaterRowGroupWithoutAColumn_IsMalformed) {
  const auto empty = Struct().list(1, {}).i64(2, 0).i64(3, 0);
  EXPECT_TRUE(is_malformed(parquet_bytes::file_of({ids()}, false, {empty})));
}

TEST(ParquetFooter, ReadFooter_Over64MiB_IsOversizedAndNotRead) {
  const std::uint64_t length = kLongestFooter + 1;
  const auto end = plain(static_cast<std::uint32_t>(length)) + "PAR1";
  const std::uint64_t size = length + 1000;
  const auto footer =
      read_footer(size, [&](std::uint64_t offset, char* buffer, std::uint64_t bytes) -> Result<void> {
        EXPECT_EQ(offset, size - 8);
        EXPECT_EQ(bytes, 8U);
        std::memcpy(buffer, end.data(), bytes);
        return {};
      });
  ASSERT_TRUE(footer);
  EXPECT_EQ(std::get<OversizedFooter>(*footer).length, length);
  EXPECT_THAT(oversized_footer_reason(length),
              HasSubstr("has 67108865 bytes, and may have 67108864 (64 MiB)"));
}

TEST(ParquetFooter, ReadFooter_ReadFails_ReturnsItsError) {
  for (const std::uint64_t good : {0, 1}) {
    std::uint64_t reads = 0;
    const auto sound = parquet_bytes::file_of({ids()});
    const auto footer = read_footer(
        sound.size(), [&](std::uint64_t offset, char* buffer, std::uint64_t length) -> Result<void> {
          if (reads++ == good) return fail(ErrorCode::unavailable, "no disk");
          std::memcpy(buffer, sound.data() + offset, length);
          return {};
        });
    ASSERT_FALSE(footer);
    EXPECT_EQ(footer.error().code, ErrorCode::unavailable);
  }
}

// What DuckDB reads in another way than the checks would be decoded unchecked.
class ParquetThrift : public ::testing::Test {
 protected:
  // The offset of the only chunk, given the field of its metadata that has the offset of its pages.
  static std::optional<std::uint64_t> offset_of(const std::string& field) {
    const auto schema = Struct().text(4, "schema").i32(5, 1);
    const auto id = Struct().i32(1, 1).i32(3, 1).text(4, "id");
    // Replaces the end of the row group's only chunk.
    auto footer = Struct().i32(1, 1).list(2, {schema, id}).i64(3, 1).bytes();
    footer.pop_back();
    // Field 4, a list of one struct: of field 1, a list of one struct: of field 3, a struct.
    footer += std::string("\x19\x1c\x19\x1c\x3c", 5) + field + std::string(4, '\0');
    const auto map = page_map(footer, 1000);
    if (!map || map->chunks.size() != 1) return std::nullopt;
    return map->chunks[0].offset;
  }
};

TEST_F(ParquetThrift, PageMap_FieldIdBeyond16Bits_IsCutToThem) {
  EXPECT_EQ(offset_of("\x96\x10"), 8U);              // field 9
  EXPECT_EQ(offset_of("\x06\x92\x80\x08\x10"), 8U);  // 65536 + 9
}

TEST_F(ParquetThrift, PageMap_ChunkAtTheBeginningOfTheFile_IsListed) {
  EXPECT_EQ(offset_of(std::string("\x96\x00", 2)), 0U);
  EXPECT_EQ(offset_of(""), 0U);  // the default
}

TEST_F(ParquetThrift, PageMap_DeeplyNestedUnknownField_IsSkipped) {
  // Field 15 is a struct, of field 1, a struct, and so on.
  const std::string deep = "\x6c" + std::string(50, '\x1c') + std::string(51, '\0');
  EXPECT_EQ(offset_of("\x96\x10" + deep), 8U);
}

TEST_F(ParquetThrift, PageHeader_NumberBeyond32Bits_IsCutToThem) {
  // Type 0, and sizes of 2 and 3; the second one has bit 33 set.
  const auto header = page_header(std::string("\x15\x00\x15\x04\x15\x86\x80\x80\x80\x20\x00", 11));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->body, 3U);
}

}  // namespace
}  // namespace offloader::duckdb
