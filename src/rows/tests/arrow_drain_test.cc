#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "batch_of.h"
#include "offloader/rows/format.h"

namespace offloader::rows {
namespace {

// Writes batches of 64 Ki rows, each of which is a record batch. Returns the text; `drained` gets its parts.
std::string written(std::vector<std::string>* drained) {
  constexpr std::size_t kRows = 64 << 10;
  const std::vector<std::int64_t> numbers(kRows, 7);
  const Column values{.kind = Kind::int64, .values = numbers.data()};
  const query::Plan plan = plan_of({column("a", catalog::ColumnType::bigint)});
  const auto writer = *TextWriters().make(Format::arrow, {});
  EXPECT_TRUE(writer->begin(Columns(plan)));
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(writer->write({.columns = {&values, 1}, .rows = kRows}));
    if (drained != nullptr) drained->push_back(*writer->drain());
  }
  EXPECT_TRUE(writer->finish());
  return writer->take().text;
}

TEST(ArrowWriter, Drain_BetweenBatches_EndsWithinAMessage) {
  const std::string mark = "\xFF\xFF\xFF\xFF";  // begins a message
  const std::string whole = written(nullptr);
  std::vector<std::string> parts;
  const std::string rest = written(&parts);
  std::string joined;
  for (const std::string& part : parts) {
    joined += part;
    EXPECT_NE(whole.substr(joined.size(), mark.size()), mark);
    EXPECT_EQ(whole.substr(joined.size() + 8, mark.size()), mark) << "it keeps back more than it must";
  }
  EXPECT_EQ(joined + rest, whole);
}

}  // namespace
}  // namespace offloader::rows
