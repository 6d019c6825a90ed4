#include "build_memory.h"

#include <gtest/gtest.h>

#include <string>

#include "offloader/duckdb/instance.h"

namespace offloader::local_executor {
namespace {

constexpr std::uint64_t kTotal = 512ULL << 20;

std::shared_ptr<duckdb::Database> instance(const BuildMemory::Share& share) {
  duckdb::InstanceOptions options;
  options.memory_limit = share.bytes();
  return *duckdb::open_instance(options);
}

// Returns the memory limit as DuckDB rounds and prints it.
std::string limit_of(const std::shared_ptr<duckdb::Database>& database) {
  auto connection = duckdb::Connection::open(database);
  return (*connection->rows("SELECT memory_limit FROM pragma_database_size() LIMIT 1"))[0][0];
}

TEST(BuildMemory, Share_SecondBuildBegins_IsHalvedUntilItEnds) {
  BuildMemory memory(kTotal);
  BuildMemory::Share first(memory);
  const auto database = instance(first);
  first.follow(database);
  EXPECT_EQ(first.bytes(), kTotal);
  EXPECT_EQ(limit_of(database), "512.0 MiB");
  {
    const BuildMemory::Share second(memory);
    EXPECT_EQ(first.bytes(), kTotal / 2);
    EXPECT_EQ(second.bytes(), kTotal / 2);
    EXPECT_EQ(limit_of(database), "256.0 MiB") << "of the instance that is open already";
  }
  EXPECT_EQ(first.bytes(), kTotal);
  EXPECT_EQ(limit_of(database), "512.0 MiB");
}

TEST(BuildMemory, Share_FirstBuildCannotSpill_LeavesTheRestToTheSecond) {
  BuildMemory memory(kTotal);
  BuildMemory::Share first(memory);
  const auto database = instance(first);
  first.follow(database);
  auto connection = duckdb::Connection::open(database);
  ASSERT_TRUE(connection->query(
      "CREATE TABLE t AS SELECT range AS a, random() AS b, uuid() AS c FROM range(10000000)"));
  const BuildMemory::Share second(memory);
  EXPECT_EQ(first.bytes(), kTotal) << "it has nowhere to spill to";
  EXPECT_LT(second.bytes(), kTotal / 8);
}

TEST(BuildMemory, Follow_SecondBuildHasBegun_LowersTheLimitToHalf) {
  BuildMemory memory(kTotal);
  BuildMemory::Share first(memory);
  const auto database = instance(first);
  const BuildMemory::Share second(memory);
  EXPECT_EQ(first.bytes(), kTotal / 2);
  EXPECT_EQ(second.bytes(), kTotal / 2);
  first.follow(database);
  EXPECT_EQ(limit_of(database), "256.0 MiB") << "opened with all of it";
}

}  // namespace
}  // namespace offloader::local_executor
