#include "pinned_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <functional>

#include "csv_files.h"
#include "data_folder.h"
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

// Measures the CPU time of this thread only, so that other load on the machine does not matter.
double cpu_seconds_of(const std::function<void()>& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  const double begin = now();
  work();
  return now() - begin;
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
  return cpu_seconds_of([&] {
    for (const PinnedFile& file : (*pinned)->pinned()) EXPECT_EQ((*pinned)->find(file.path), &file);
    for (const auto& file : csv->files()) EXPECT_TRUE(csv->holds(file.location));
  });
}

TEST(ManyPinnedFiles, Find_FourTimesTheFiles_TakesLinearTime) {
  EXPECT_LT(look_up(12'000), 8 * std::max(look_up(3'000), 1e-3))
      << "16 times, where each look-up is a search";
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
