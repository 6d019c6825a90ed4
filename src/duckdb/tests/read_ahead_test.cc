#include "read_ahead.h"

#include <gtest/gtest.h>

#include <string>

#include "offloader/object_store/testing/memory_store.h"

namespace offloader::duckdb {
namespace {

// Another thread may raise the flag as long as the watch exists, so the flag must outlive the watch.
TEST(ReadAhead, Read_CancelFlag_OutlivesItsWatch) {
  const auto store = std::make_shared<object_store::testing::MemoryStore>();
  store->put("s3://bucket/a.csv", "n\n7\n");
  const manifest::ResolvedFile file{"s3://bucket/a.csv", true, {"a.csv", manifest::FileFormat::csv, {}, {}}};
  const object_store::UrlPolicy policy{{"s3://bucket"}, {"s3://bucket"}};
  const auto pinned = PinnedFiles::open(store, {file}, {policy, nullptr}, {});
  ASSERT_TRUE(pinned);
  int waits = 0;
  bool outlived = true;
  const auto watch = [&](CancelFlag& cancel) {
    ++waits;
    // `flag` expires when the CancelFlag and with it its action is destroyed.
    auto alive = std::make_shared<int>(0);
    const std::weak_ptr<int> flag = alive;
    cancel.on_cancel([alive = std::move(alive)] {});
    return std::shared_ptr<void>(nullptr, [&outlived, flag](void*) {
      if (flag.expired()) outlived = false;
    });
  };
  ReadAhead ahead(**pinned, (*pinned)->pinned()[0], watch);
  std::string text(4, '\0');
  const auto read = ahead.read(text.data(), text.size());
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(text, "n\n7\n");
  EXPECT_EQ(waits, 1);
  EXPECT_TRUE(outlived);
}

}  // namespace
}  // namespace offloader::duckdb
