// How much memory a page reserves while it grows.
#include "page_room.h"

#include <gtest/gtest.h>

#include "batch_of.h"
#include "offloader/rows/json_writer.h"

namespace offloader::rows {
namespace {

constexpr std::size_t kRows = 20000;

// Writes almost 5 MB of rows, far fewer than the limit of 1,000,000. `budget` is in bytes.
Result<Page> page(std::size_t budget) {
  const query::Plan plan = plan_of({column("text", catalog::ColumnType::varchar)}, 1'000'000);
  JsonWriter writer(std::make_shared<ByteBudget>(budget));
  if (auto begun = writer.begin(Columns(plan)); !begun) return fail(begun.error());
  const std::string text(230, 'x');
  const std::vector<std::string_view> values(1000, text);
  const Column texts{.kind = Kind::text, .values = values.data()};
  for (std::size_t written = 0; written < kRows; written += values.size()) {
    if (auto done = writer.write({.columns = {&texts, 1}, .rows = values.size()}); !done)
      return fail(done.error());
  }
  if (auto finished = writer.finish(); !finished) return fail(finished.error());
  return writer.take();
}

TEST(PageRoom, Write_PageFitsButItsExpectedSizeDoesNot_Succeeds) {
  const auto written = page(14 << 20);
  ASSERT_TRUE(written) << written.error().detail;
  EXPECT_GT(written->text.size(), kRows * 230);
  EXPECT_EQ(written->room.bytes(), written->text.size());
}

TEST(PageRoom, Write_PageDoesNotFit_FailsWithNoMemory) {
  const auto written = page(4 << 20);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::no_memory);
}

TEST(PageRoom, Write_PageDoesNotFit_ReleasesItsRoom) {
  const auto budget = std::make_shared<ByteBudget>(6 << 20);
  const query::Plan plan = plan_of({column("text", catalog::ColumnType::varchar)}, 1'000'000);
  JsonWriter writer(budget);
  const std::string text(2 << 20, 'x');
  const std::vector<std::string_view> values(4, text);
  const Column texts{.kind = Kind::text, .values = values.data()};
  ASSERT_TRUE(writer.begin(Columns(plan)));
  ASSERT_FALSE(writer.write({.columns = {&texts, 1}, .rows = values.size()}));
  EXPECT_EQ(budget->used(), 0U);
  // The writer is usable again.
  ASSERT_TRUE(writer.begin(Columns(plan)));
  ASSERT_TRUE(writer.write({.columns = {&texts, 1}, .rows = 1}));
  ASSERT_TRUE(writer.finish());
  EXPECT_GT(writer.take().text.size(), text.size());
}

}  // namespace
}  // namespace offloader::rows
