#include "offloader/serving/response_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace offloader::serving {
namespace {

std::shared_ptr<const CachedAnswer> answer_of(std::size_t bytes) {
  return std::make_shared<const CachedAnswer>(std::string(bytes, 'x'), 1, false, "e");
}

const CacheScope kScope{"endpoint", "snapshot"};

TEST(ResponseCache, Find_InsertedKey_ReturnsItsAnswerToEveryReader) {
  ResponseCache cache({.max_entries = 10, .max_bytes = 1 << 20}, 2);
  const auto answer = answer_of(10);
  cache.insert("key", kScope, answer, cache.epoch());
  EXPECT_EQ(cache.find(0, "key"), answer);
  EXPECT_EQ(cache.find(1, "key"), answer);
  EXPECT_EQ(cache.find(0, "other"), nullptr);
}

TEST(ResponseCache, Insert_PastMaxEntries_EvictsTheLeastRecentlyUsed) {
  ResponseCache cache({.max_entries = 3, .max_bytes = 1 << 20}, 1);
  for (const char* key : {"a", "b", "c"}) cache.insert(key, kScope, answer_of(10), cache.epoch());
  ASSERT_NE(cache.find(0, "a"), nullptr);
  cache.insert("d", kScope, answer_of(10), cache.epoch());
  EXPECT_EQ(cache.entries(), 3U);
  EXPECT_NE(cache.find(0, "a"), nullptr);
  EXPECT_EQ(cache.find(0, "b"), nullptr);
}

TEST(ResponseCache, Sweep_EvictedEntryInAReadersTable_IsFreed) {
  ResponseCache cache({.max_entries = 1, .max_bytes = 1 << 20}, 1);
  auto answer = answer_of(10);
  const std::weak_ptr<const CachedAnswer> watched = answer;
  cache.insert("a", kScope, std::move(answer), cache.epoch());
  ASSERT_NE(cache.find(0, "a"), nullptr);
  cache.insert("b", kScope, answer_of(10), cache.epoch());
  EXPECT_EQ(cache.find(0, "a"), nullptr);
  cache.sweep(0);
  EXPECT_TRUE(watched.expired());
}

TEST(ResponseCache, Insert_PastMaxBytes_EvictsAndKeepsNoOversizedAnswer) {
  ResponseCache cache({.max_entries = 1000, .max_bytes = 10000}, 1);
  cache.insert("huge", kScope, answer_of(20000), cache.epoch());
  EXPECT_EQ(cache.entries(), 0U);
  for (int i = 0; i < 100; ++i) {
    cache.insert("key" + std::to_string(i), kScope, answer_of(1000), cache.epoch());
    ASSERT_LE(cache.bytes(), 10000U);
  }
  EXPECT_GT(cache.entries(), 2U);
}

TEST(ResponseCache, Grown_CompressedForm_CountsTowardsTheBytes) {
  ResponseCache cache({.max_entries = 10, .max_bytes = 1 << 20}, 1);
  const auto answer = answer_of(100);
  cache.insert("key", kScope, answer, cache.epoch());
  const std::size_t before = cache.bytes();
  auto form = std::make_unique<CachedAnswer::Compressed>();
  form->counted = std::make_shared<const CountedText>(std::string(5000, 'z'), ByteHold());
  answer->keep(Encoding::gzip, std::move(form));
  cache.grown("key");
  EXPECT_GE(cache.bytes(), before + 5000);
}

TEST(ResponseCache, Retain_DropsExactlyTheRejectedScopes) {
  ResponseCache cache({.max_entries = 10, .max_bytes = 1 << 20}, 1);
  cache.insert("live", {"e", "new"}, answer_of(10), cache.epoch());
  cache.insert("dead", {"e", "old"}, answer_of(10), cache.epoch());
  ASSERT_NE(cache.find(0, "dead"), nullptr);
  cache.retain([](const CacheScope& scope) { return scope.snapshot_fingerprint == "new"; });
  EXPECT_NE(cache.find(0, "live"), nullptr);
  EXPECT_EQ(cache.find(0, "dead"), nullptr);
  EXPECT_EQ(cache.entries(), 1U);
}

TEST(ResponseCache, ConcurrentFindInsertRetainAndSweep_AreSafe) {
  ResponseCache cache({.max_entries = 50, .max_bytes = 1 << 20}, 2);
  std::atomic<bool> stop{false};
  std::atomic<int> hits{0};
  std::vector<std::thread> readers;
  for (std::size_t reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&, reader] {
      for (int i = 0; !stop.load(); ++i) {
        if (const auto found = cache.find(reader, "key" + std::to_string(i % 100))) {
          hits.fetch_add(1);
          ASSERT_EQ(found->prefix().size(), 100U);
        }
        if (i % 64 == 0) cache.sweep(reader);
      }
    });
  }
  for (int i = 0; i < 5000 || hits.load() < 1000; ++i) {
    cache.insert("key" + std::to_string(i % 100), kScope, answer_of(100), cache.epoch());
    if (i % 500 == 0) cache.retain([](const CacheScope&) { return false; });
  }
  stop.store(true);
  for (auto& reader : readers) reader.join();
  EXPECT_LE(cache.entries(), 50U);
}

TEST(ResponseCache, Insert_ScopeRejectedSinceItsEpoch_IsNotKept) {
  ResponseCache cache({.max_entries = 10, .max_bytes = 1 << 20}, 1);
  const auto before = cache.epoch();
  cache.retain([](const CacheScope& scope) { return scope.snapshot_fingerprint == "new"; });
  cache.insert("late", {"e", "old"}, answer_of(10), before);
  cache.insert("live", {"e", "new"}, answer_of(10), before);
  // A generation that has not been announced yet asked for this one: its epoch is current, so it is kept.
  cache.insert("next", {"e", "newer"}, answer_of(10), cache.epoch());
  EXPECT_EQ(cache.find(0, "late"), nullptr);
  EXPECT_NE(cache.find(0, "live"), nullptr);
  EXPECT_NE(cache.find(0, "next"), nullptr);
}

}  // namespace
}  // namespace offloader::serving
