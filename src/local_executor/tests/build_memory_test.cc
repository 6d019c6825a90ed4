#include "build_memory.h"

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <string>
#include <vector>

#include "memory_split.h"

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

BuildMemory::Share take(BuildMemory& memory) {
  auto share = memory.take({}, nullptr);
  EXPECT_TRUE(share);
  return std::move(*share);
}

TEST(BuildMemory, Share_SecondBuildBegins_IsHalvedUntilItEnds) {
  BuildMemory memory(kTotal);
  auto first = take(memory);
  const auto database = instance(first);
  first.follow(database);
  EXPECT_EQ(first.bytes(), kTotal);
  EXPECT_EQ(limit_of(database), "512.0 MiB");
  {
    const auto second = take(memory);
    EXPECT_EQ(first.bytes(), kTotal / 2);
    EXPECT_EQ(second.bytes(), kTotal / 2);
    EXPECT_EQ(limit_of(database), "256.0 MiB") << "of the instance that is open already";
  }
  EXPECT_EQ(first.bytes(), kTotal);
  EXPECT_EQ(limit_of(database), "512.0 MiB");
}

TEST(BuildMemory, Share_FirstBuildCannotSpill_LeavesTheRestToTheSecond) {
  BuildMemory memory(kTotal);
  auto first = take(memory);
  const auto database = instance(first);
  first.follow(database);
  auto connection = duckdb::Connection::open(database);
  ASSERT_TRUE(connection->query(
      "CREATE TABLE t AS SELECT range AS a, random() AS b, uuid() AS c FROM range(10000000)"));
  {
    const auto second = take(memory);
    EXPECT_EQ(second.bytes(), BuildMemory::kLeast);
    EXPECT_EQ(first.bytes(), kTotal - BuildMemory::kLeast) << "it has nowhere to spill to";
  }
  EXPECT_EQ(first.bytes(), kTotal);
}

TEST(BuildMemory, Take_ABuildHoldsEverything_FailsUntilItEnds) {
  BuildMemory memory(64ULL << 20);
  std::optional<BuildMemory::Share> first(take(memory));
  const auto database = instance(*first);
  first->follow(database);
  auto connection = duckdb::Connection::open(database);
  // Fills the memory up to less than kLeast.
  ASSERT_TRUE(connection->query("CREATE TABLE t (a BIGINT)"));
  while (connection->query("INSERT INTO t SELECT range FROM range(100000)")) continue;
  const auto refused = memory.take({}, nullptr);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::busy);
  EXPECT_EQ(first->bytes(), 64ULL << 20);
  auto waiting = std::async(std::launch::async, [&] {
    const auto share = memory.take(std::chrono::hours(1), nullptr);
    return share ? share->bytes() : 0;
  });
  first.reset();
  EXPECT_EQ(waiting.get(), 64ULL << 20);
}

TEST(BuildMemory, Take_AsManyBuildsAsHaveTheLeast_RefusesTheNext) {
  BuildMemory memory(3 * BuildMemory::kLeast + 1);
  std::vector<BuildMemory::Share> shares;
  for (int i = 0; i < 3; ++i) shares.push_back(take(memory));
  const auto refused = memory.take({}, nullptr);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::busy);
  std::uint64_t sum = 0;
  for (const BuildMemory::Share& share : shares) {
    EXPECT_GE(share.bytes(), BuildMemory::kLeast);
    sum += share.bytes();
  }
  EXPECT_LE(sum, 3 * BuildMemory::kLeast + 1);
  shares.pop_back();
  EXPECT_TRUE(memory.take({}, nullptr));
}

TEST(BuildMemory, Take_CancelledWhileItWaits_Ends) {
  BuildMemory memory(BuildMemory::kLeast);
  const auto first = take(memory);
  CancelFlag cancel;
  auto waiting = std::async(std::launch::async, [&] {
    const auto share = memory.take(std::chrono::hours(1), &cancel);
    return share ? ErrorCode::internal : share.error().code;
  });
  cancel.cancel();
  EXPECT_EQ(waiting.get(), ErrorCode::cancelled);
}

TEST(BuildMemory, Follow_SecondBuildHasBegun_LowersTheLimitToHalf) {
  BuildMemory memory(kTotal);
  auto first = take(memory);
  const auto database = instance(first);
  const auto second = take(memory);
  EXPECT_EQ(first.bytes(), kTotal / 2);
  EXPECT_EQ(second.bytes(), kTotal / 2);
  first.follow(database);
  EXPECT_EQ(limit_of(database), "256.0 MiB") << "opened with all of it";
}

TEST(MemorySplit, Parts_AnyLimitThatSettingsAccept_AddUpToIt) {
  for (const std::uint64_t mib : {64ULL, 65ULL, 95ULL, 96ULL, 97ULL, 2048ULL, 100'000ULL}) {
    const std::uint64_t limit = (mib << 20) + 1;
    const MemorySplit split = split_memory(limit);
    EXPECT_EQ(split.serving, limit / 2);
    EXPECT_GE(split.builds, BuildMemory::kLeast);
    EXPECT_EQ(split.serving + split.builds + split.remote, limit) << mib;
  }
}

}  // namespace
}  // namespace offloader::local_executor
