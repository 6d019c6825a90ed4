#include "pinned_files.h"

#include <gmock/gmock.h>

#include <cstring>

#include "csv_files.h"
#include "data_folder.h"
#include "offloader/base/testing/growth.h"
#include "offloader/duckdb/testing/parquet_bytes.h"
#include "offloader/object_store/testing/memory_store.h"

namespace offloader::duckdb {
namespace {

class PinnedFilesTest : public DataFolder {};

// A symbolic link or a file that replaces a pinned file is not read.
TEST_F(PinnedFilesTest, Read_ReplacedLocalFile_FailsWithChanged) {
  for (const std::string name : {"a.csv", "a.parquet"}) {
    const auto file = data("project/" + name, 1);
    data("secret/" + name, 2);
    const auto pinned = PinnedFiles::open(nullptr, {file}, {}, {.local = true});
    ASSERT_TRUE(pinned) << pinned.error().error.detail;
    const PinnedFile& one = (*pinned)->pinned().at(0);
    std::string bytes(one.object.size, '\0');
    ASSERT_TRUE((*pinned)->read(one, 0, bytes.data(), bytes.size(), nullptr));
    std::filesystem::remove(file.location);
    std::filesystem::create_symlink(root_ / "secret" / name, file.location);
    auto done = (*pinned)->read(one, 0, bytes.data(), bytes.size(), nullptr);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::changed);
    // Another regular file is not read either.
    std::filesystem::remove(file.location);
    std::filesystem::rename(root_ / "secret" / name, file.location);
    done = (*pinned)->read(one, 0, bytes.data(), bytes.size(), nullptr);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::changed);
  }
}

TEST(PinnedFileNames, Open_WebUrlInAnyCase_TakesTheEndingBeforeTheQuery) {
  const auto store = std::make_shared<object_store::testing::MemoryStore>();
  std::vector<manifest::ResolvedFile> files;
  for (const char* const url :
       {"https://host/a.csv.gz?sig=1", "HTTPS://host/b.csv.gz?sig=1", "HTTPS://host/c.csv?sig=1.zst"}) {
    store->put(url, "id\n1\n");
    files.push_back({url, true, {url, manifest::FileFormat::csv, {}, {}}});
  }
  const object_store::UrlPolicy policy{{"https://host"}, {"https://host"}};
  const auto pinned = PinnedFiles::open(store, files, {policy, nullptr}, {});
  ASSERT_TRUE(pinned) << pinned.error().error.message;
  EXPECT_EQ((*pinned)->pinned().at(0).path, "pinned://0.csv.gz");
  EXPECT_EQ((*pinned)->pinned().at(1).path, "pinned://1.csv.gz");
  EXPECT_EQ((*pinned)->pinned().at(2).path, "pinned://2.csv");
}

namespace parquet_bytes = duckdb::testing::parquet_bytes;
using ::testing::HasSubstr;

// Parquet files in a store, of two columns with checksums.
class RemoteParquetFiles : public ::testing::Test {
 protected:
  static std::string sound() {
    std::vector<parquet_bytes::Column> columns;
    for (const char* name : {"a", "b"}) {
      columns.push_back({name, parquet_bytes::kInt32, {}, {}, 0, 0, 0, -1, false, false});
      for (int i = 0; i < 10; ++i) columns.back().values.push_back(parquet_bytes::plain(i));
    }
    return parquet_bytes::file_of(columns, true);
  }
  // The last value of `a` is another one.
  static std::string damaged() {
    auto out = sound();
    out[out.find(parquet_bytes::plain(9))] ^= 1;
    return out;
  }
  auto open(const std::vector<std::string>& files, PinnedFiles::Use use = {}) {
    std::vector<manifest::ResolvedFile> resolved;
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::string name = std::to_string(i) + ".parquet";
      store_->put("s3://bucket/" + name, files[i]);
      resolved.push_back({"s3://bucket/" + name, true, {name, manifest::FileFormat::parquet, {}, {}}});
    }
    return PinnedFiles::open(store_, resolved, {policy_, nullptr}, use);
  }
  // Reads the pages, and not the footer.
  static Result<void> read_pages(const PinnedFiles& files, std::size_t file = 0) {
    const auto sound = RemoteParquetFiles::sound();
    std::uint32_t footer = 0;
    std::memcpy(&footer, sound.data() + sound.size() - 8, sizeof footer);
    std::string bytes(sound.size() - 8 - footer, '\0');
    return files.read(files.pinned().at(file), 0, bytes.data(), bytes.size(), nullptr);
  }

  const std::shared_ptr<object_store::testing::MemoryStore> store_ =
      std::make_shared<object_store::testing::MemoryStore>();
  const object_store::UrlPolicy policy_{{"s3://bucket"}, {"s3://bucket"}};
};

TEST_F(RemoteParquetFiles, Open_SoundFiles_TakesOneReadEachAndReadsOfTheFooterNone) {
  const auto files = open({sound(), parquet_bytes::with_long_footer(sound(), 50'000)});
  ASSERT_TRUE(files);
  EXPECT_EQ(store_->count("stat"), 2U);
  EXPECT_EQ(store_->count("read"), 2U);
  for (const auto& file : (*files)->pinned()) {
    EXPECT_EQ(file.checks, PageChecks::on_arrival);
    std::string end(8, '\0');
    EXPECT_TRUE((*files)->read(file, file.object.size - 8, end.data(), 8, nullptr));
  }
  EXPECT_EQ(store_->count("read"), 2U);
}

TEST_F(RemoteParquetFiles, Read_DamagedPageInAFileOfAnyFooter_FailsWithCorrupt) {
  for (const std::size_t footer : {0, 100'000, 17 << 20}) {
    SCOPED_TRACE(footer);
    const auto good = open({parquet_bytes::with_long_footer(sound(), footer)});
    ASSERT_TRUE(good);
    EXPECT_TRUE(read_pages(**good));
    const auto bad = open({parquet_bytes::with_long_footer(damaged(), footer)});
    ASSERT_TRUE(bad);
    const auto done = read_pages(**bad);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::corrupt);
    EXPECT_THAT(done.error().detail, HasSubstr("does not match its checksum"));
  }
}

TEST_F(RemoteParquetFiles, Open_FooterOf17MiB_IsReadOnceAndNotKept) {
  const auto file = parquet_bytes::with_long_footer(sound(), 17 << 20);
  const auto files = open({file});
  ASSERT_TRUE(files);
  EXPECT_LT((*files)->pinned().at(0).tail.size(), 1U << 20);
  EXPECT_LE(store_->bytes_read(), file.size());
}

TEST_F(RemoteParquetFiles, Open_FooterOver64MiB_IsRejectedWithItsSizeAndTheLimit) {
  const std::uint32_t length = (64 << 20) + 1;
  const auto file = "PAR1" + std::string(length, 'x') + parquet_bytes::plain(length) + "PAR1";
  const auto files = open({sound(), file});
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().error.code, ErrorCode::rejected);
  ASSERT_EQ(files.error().findings.size(), 1U);
  const auto& finding = files.error().findings[0];
  EXPECT_EQ(finding.file, "1.parquet");
  EXPECT_EQ(finding.code, "schema_data_mismatch");
  EXPECT_THAT(finding.message, HasSubstr("footer has 67108865 bytes, and may have 67108864 (64 MiB)"));
  EXPECT_LT(store_->bytes_read(), 1U << 20);
}

// Nothing is kept of either file, so that each check reads the footer.
TEST_F(RemoteParquetFiles, Read_WithoutMemoryForFootersAndMaps_IsCheckedAllTheSame) {
  const auto files = open({sound(), damaged()}, {.tail_bytes = 0, .map_bytes = 0});
  ASSERT_TRUE(files);
  EXPECT_TRUE((*files)->pinned().at(0).tail.empty());
  for (int i = 0; i < 2; ++i) {
    store_->forget();
    EXPECT_TRUE(read_pages(**files, 0));
    EXPECT_EQ(store_->count("read"), 2U);
    const auto done = read_pages(**files, 1);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::corrupt);
  }
  // A check that cannot be made fails the read.
  store_->before_read([](const auto& asked) -> Result<void> {
    if (asked.range.offset > 0) return fail(ErrorCode::unavailable, "the store is down");
    return {};
  });
  const auto done = read_pages(**files, 0);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::unavailable);
}

TEST_F(RemoteParquetFiles, Read_WithMemoryForOneMap_ReadsTheOtherFooterAgain) {
  const auto files = open({sound(), damaged()}, {.tail_bytes = 0, .map_bytes = 400});
  ASSERT_TRUE(files);
  EXPECT_TRUE(read_pages(**files, 0));
  store_->forget();
  EXPECT_TRUE(read_pages(**files, 0));
  EXPECT_EQ(store_->count("read"), 1U);
  EXPECT_FALSE(read_pages(**files, 1));
  EXPECT_EQ(store_->count("read"), 3U);
}

TEST_F(RemoteParquetFiles, Read_BeforeAMalformedFooter_FailsWithCorrupt) {
  auto file = parquet_bytes::with_long_footer(sound(), 300'000);
  file[file.size() - 9] = 1;  // was the end of its struct
  const auto files = open({file});
  ASSERT_TRUE(files);
  const auto& pinned = (*files)->pinned().at(0);
  EXPECT_EQ(pinned.checks, PageChecks::impossible);
  const auto done = read_pages(**files);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::corrupt);
  // DuckDB can read the footer, and say what is wrong with it.
  std::string footer(300'000, '\0');
  EXPECT_TRUE((*files)->read(pinned, file.size() - footer.size(), footer.data(), footer.size(), nullptr));
}

// Returns the CPU seconds to look up each of `count` files once, as DuckDB does when it opens them.
double look_up(std::size_t count) {
  const auto store = std::make_shared<object_store::testing::MemoryStore>();
  std::vector<manifest::ResolvedFile> files;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = std::to_string(i) + ".csv";
    store->put("s3://bucket/" + name, "id\n1\n");
    files.push_back({"s3://bucket/" + name, true, {name, manifest::FileFormat::csv, {}, {}}});
  }
  const object_store::UrlPolicy policy{{"s3://bucket"}, {"s3://bucket"}};
  const auto pinned = PinnedFiles::open(store, files, {policy, nullptr}, {});
  EXPECT_TRUE(pinned);
  const auto csv = CsvFiles::of(*pinned, (*pinned)->files(), {}, nullptr);
  return cpu_seconds([&] {
    for (const PinnedFile& file : (*pinned)->pinned()) EXPECT_EQ((*pinned)->find(file.path), &file);
    for (const auto& file : csv->files()) EXPECT_TRUE(csv->holds(file.location));
  });
}

TEST(ManyPinnedFiles, Find_ManyFiles_TakesLinearTime) {
  EXPECT_EQ(growth_beyond_linear(1'500, look_up, 16), "");
}

TEST(ManyPinnedFiles, Holds_UnknownName_IsFalse) {
  const auto csv = CsvFiles::of(
      nullptr, {{"/data/a.csv", false, {"a.csv", manifest::FileFormat::csv, {}, {}}}}, {}, nullptr);
  EXPECT_TRUE(csv->holds("csv://0.csv"));
  EXPECT_TRUE(csv->holds("csvflow://0.csv"));
  EXPECT_FALSE(csv->holds("csv://1.csv"));
  EXPECT_FALSE(csv->holds("0.csv"));
  EXPECT_FALSE(csv->holds("/data/a.csv"));
}

}  // namespace
}  // namespace offloader::duckdb
