#include <fmt/format.h>
#include <gmock/gmock.h>

#include "offloader/duckdb/testing/parquet_bytes.h"
#include "offloader/duckdb/testing/parquet_encodings.h"
#include "remote_scene.h"

// Parquet pages and schemas that would make DuckDB read out of bounds.
namespace offloader::local_executor {
namespace {

namespace parquet_bytes = duckdb::testing::parquet_bytes;
using namespace duckdb::testing::parquet_encodings;
using catalog::ColumnType;
using manifest::FileFormat;
using manifest::ResolvedFile;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kDeltaLengthByteArray = 6;
constexpr int kDeltaByteArray = 7;

// Files with one optional text column, for each codec and page version.
class ParquetDeltaPages : public RemoteScene {
 protected:
  ParquetDeltaPages() { dataset_.schema = {{"text", ColumnType::varchar}}; }

  ResolvedFile page(const Codec& codec, bool v2, int encoding, const std::string& values) {
    const auto name = fmt::format("{}-{}-{}.parquet", codec.name, v2 ? 2 : 1, ++files_);
    parquet_bytes::Column column{"text",   parquet_bytes::kBytes, {}, {},    0,
                                 encoding, codec.number,          -1, false, false};
    column.values.resize(3);
    column.encoded = values;
    column.compress = codec.compress;
    column.v2 = v2;
    std::ofstream(root_ / name, std::ios::binary) << parquet_bytes::file_of({column});
    return file_of(name.c_str(), FileFormat::parquet);
  }
  int files_ = 0;
};

TEST_F(ParquetDeltaPages, Run_ValidPagesOfEachCodec_AreServed) {
  const std::vector<std::string> texts = {"ab", "abc", "x"};
  for (const auto& codec : kCodecs) {
    for (const bool v2 : {false, true}) {
      SCOPED_TRACE(fmt::format("{} v{}", codec.name, v2 ? 2 : 1));
      const auto expected = R"([{"text":"ab"},{"text":"abc"},{"text":"x"}])";
      EXPECT_EQ(answer({page(codec, v2, kDeltaByteArray, delta_byte_array(texts))}), expected);
      EXPECT_EQ(answer({page(codec, v2, kDeltaLengthByteArray, delta_length_byte_array(texts))}), expected);
    }
  }
}

TEST_F(ParquetDeltaPages, Materialize_BlockSizeZero_IsRejected) {
  const std::vector<std::string> texts = {"ab", "abc", "x"};
  for (const auto& codec : kCodecs) {
    for (const bool v2 : {false, true}) {
      for (const int encoding : {6, 7}) {
        SCOPED_TRACE(fmt::format("{} v{} encoding {}", codec.name, v2 ? 2 : 1, encoding));
        auto values = encoding == 7 ? delta_byte_array(texts) : delta_length_byte_array(texts);
        values.replace(0, 2, std::string(1, '\0'));  // was 128, in two bytes
        const auto bad = page(codec, v2, encoding, values);
        const auto message = HasSubstr("page at byte 4 does not match its encoding: the block size is 0.");
        EXPECT_THAT(refusal({bad}), AllOf(HasSubstr("schema_data_mismatch at text: Column text: "), message));
        const auto built = executor_->materialize(remote_request({upload(bad)}));
        ASSERT_FALSE(built);
        EXPECT_EQ(built.error().error.code, ErrorCode::rejected);
        EXPECT_THAT(to_text(built.error().findings), message);
      }
    }
  }
}

TEST_F(ParquetDeltaPages, Materialize_InvalidPageHeader_IsRejected) {
  const auto values = delta_byte_array({"ab", "abc", "x"});
  const auto refused = [&](auto change) {
    parquet_bytes::Column column{"text", parquet_bytes::kBytes, {}, {}, 0, 7, 1, -1, false, false};
    column.values.resize(3);
    column.encoded = values;
    column.compress = by_snappy;
    column.v2 = true;
    change(column);
    const auto name = fmt::format("h{}.parquet", ++files_);
    std::ofstream(root_ / name, std::ios::binary) << parquet_bytes::file_of({column});
    return refusal({file_of(name.c_str(), FileFormat::parquet)});
  };
  EXPECT_THAT(refused([](auto& column) { column.page_count = -1; }),
              HasSubstr("has a negative number in its header"));
  EXPECT_THAT(refused([](auto& column) {
                column.says_uncompressed = true;
                column.compress = [](const std::string& in) { return in + std::string(100, 'x'); };
              }),
              HasSubstr("is not compressed, but has "));
  EXPECT_THAT(refused([](auto& column) { column.uncompressed_size = (128 << 20) + 1; }),
              AllOf(HasSubstr("its encoding allows at most 128 MiB. Write smaller pages."),
                    Not(HasSubstr("damaged"))));
  EXPECT_THAT(refused([](auto& column) {
                column.compress = [](const std::string&) { return std::string("\xFF\xFF"); };
              }),
              HasSubstr("cannot be decompressed"));
  EXPECT_THAT(refused([](auto& column) { column.level_size = 1 << 20; }),
              HasSubstr("has repetition or definition levels that extend past its end"));
}

// Files whose pages can be checked only by a footer that is large, or not at all.
class ParquetFooters : public RemoteScene {
 protected:
  ParquetFooters() { dataset_.schema = {{"id", ColumnType::integer}}; }

  static parquet_bytes::Column ids() {
    parquet_bytes::Column id{"id", parquet_bytes::kInt32, {}, {}, 0, 0, 0, -1, false, false};
    for (int i = 5; i < 8; ++i) id.values.push_back(parquet_bytes::plain(i));
    return id;
  }
  // The last value is 6 instead of 7, which only the checksum tells.
  static std::string damaged() {
    auto bytes = parquet_bytes::file_of({ids()}, true);
    bytes[bytes.find(parquet_bytes::plain(7))] ^= 1;
    return bytes;
  }
  // A page of -1 values.
  static std::string lying() {
    auto id = ids();
    id.page_count = -1;
    return parquet_bytes::file_of({id});
  }
  ResolvedFile save(const std::string& bytes) {
    const auto name = fmt::format("f{}.parquet", ++files_);
    std::ofstream(root_ / name, std::ios::binary) << bytes;
    return file_of(name, FileFormat::parquet);
  }
  // The findings of a load and of a scan, of the file on disk and in a store; `served` where there are none.
  std::vector<std::string> verdicts(const std::string& bytes) {
    const auto text = [](const auto& done) {
      return done ? "served" : done.error().error.message + " " + to_text(done.error().findings);
    };
    const auto local = save(bytes);
    const auto remote = upload(local);
    std::vector<std::string> out;
    out.push_back(text(executor_->materialize(request({local}, std::nullopt))));
    std::filesystem::remove(files().database());
    out.push_back(text(executor_->materialize(remote_request({remote}))));
    std::filesystem::remove(files().database());
    for (const auto& file : {local, remote}) {
      const auto scanned = open({file});
      const auto rows = scanned ? run(everything(), *scanned) : Result<JsonRows>{};
      out.push_back(!scanned ? text(scanned) : rows ? "served" : rows.error().detail);
    }
    return out;
  }
  int files_ = 0;
};

TEST_F(ParquetFooters, SoundFilesOfLongFooters_AreServed) {
  for (const std::size_t length : {0, 17 << 20}) {
    EXPECT_THAT(verdicts(parquet_bytes::with_long_footer(parquet_bytes::file_of({ids()}, true), length)),
                Each("served"));
  }
}

TEST_F(ParquetFooters, DamagedPageBehindALongFooter_IsRefused) {
  const auto bad = verdicts(parquet_bytes::with_long_footer(damaged(), 17 << 20));
  const auto message = HasSubstr("he page at byte 4 does not match its checksum");
  EXPECT_THAT(bad[0], message);
  EXPECT_THAT(bad[1], message);
  EXPECT_THAT(bad[3], message);
}

// DuckDB keeps the bytes that it reads with the footer, and reads only the others of a chunk that ends among
// them.
TEST_F(ParquetFooters, DamagedPageThatReachesIntoTheEndOfTheFile_IsRefused) {
  auto id = ids();
  for (int i = 8; i < 20'000; ++i) id.values.push_back(parquet_bytes::plain(i));
  auto bytes = parquet_bytes::file_of({id}, true);
  const auto sound = verdicts(bytes);
  EXPECT_THAT(sound, Each("served"));
  bytes[bytes.find(parquet_bytes::plain(7))] ^= 1;
  EXPECT_THAT(verdicts(bytes)[3], HasSubstr("he page at byte 4 does not match its checksum"));
}

TEST_F(ParquetFooters, DamagedHeaderInALocalFile_IsRefusedByAScanToo) {
  EXPECT_THAT(verdicts(lying()), Each(HasSubstr("has a negative number in its header")));
}

TEST_F(ParquetFooters, FooterOver64MiB_IsRefusedWithItsSizeAndTheLimit) {
  EXPECT_THAT(verdicts(parquet_bytes::with_long_footer(parquet_bytes::file_of({ids()}), 64 << 20)),
              Each(AllOf(HasSubstr(".parquet: schema_data_mismatch: The file's footer has 671"),
                         HasSubstr("bytes, and may have 67108864 (64 MiB)"))));
}

// DuckDB reads it; its pages could not be checked.
TEST_F(ParquetFooters, MalformedFooterThatDuckdbReads_IsRefused) {
  using parquet_bytes::Struct;
  const auto without_column = Struct().list(1, {}).i64(2, 0).i64(3, 0);
  EXPECT_THAT(verdicts(parquet_bytes::file_of({ids()}, false, {without_column})),
              Each(HasSubstr("footer is malformed")));
}

class ParquetSchemaFiles : public RemoteScene {};

// The file declares a field of the object as repeated.
TEST_F(ParquetSchemaFiles, Materialize_MalformedShreddedVariant_IsRejected) {
  dataset_.schema = {{"v", ColumnType::json}};
  std::ifstream in(std::filesystem::path(OFFLOADER_SOURCE_DIR) / "src/app/tests/data/parquet/variant.parquet",
                   std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::string field("\x35\x00\x18\x03who", 7);  // repetition, then the name
  const auto at = bytes.find(field);
  ASSERT_NE(at, std::string::npos);
  bytes[at + 1] = '\x04';
  std::ofstream(root_ / "bad.parquet", std::ios::binary) << bytes;
  const auto file = file_of("bad.parquet", FileFormat::parquet);
  const auto message = AllOf(HasSubstr("schema_data_mismatch"),
                             HasSubstr("the VARIANT is malformed at `v.typed_value.who`. Export it again"));
  EXPECT_THAT(refusal({file}), message);
  const auto built = executor_->materialize(remote_request({upload(file)}));
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().error.code, ErrorCode::rejected);
  EXPECT_THAT(to_text(built.error().findings), message);
  const auto scanned = open({upload(file)});
  ASSERT_FALSE(scanned);
  EXPECT_THAT(to_text(scanned.error().findings), message);
}

}  // namespace
}  // namespace offloader::local_executor
