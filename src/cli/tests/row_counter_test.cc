#include "row_counter.h"

#include <gtest/gtest.h>

#include <string>

namespace offloader::cli {
namespace {

using catalog::Format;

// Counts a text that arrives one byte at a time, so that every state is carried over.
std::optional<std::uint64_t> count(Format format, const std::string& text) {
  RowCounter counter(format);
  for (const char& c : text) counter.add({&c, 1});
  return counter.rows();
}

TEST(RowCounter, Rows_Csv_AreTheRecordsWithoutTheHeader) {
  EXPECT_EQ(count(Format::csv, ""), 0U);
  EXPECT_EQ(count(Format::csv, "a,b\r\n"), 0U);
  EXPECT_EQ(count(Format::csv, "a,b\r\n1,2\r\n3,4\r\n"), 2U);
  EXPECT_EQ(count(Format::csv, "a,b\r\n1,2\r\n3,4"), 2U) << "a line without its end";
  EXPECT_EQ(count(Format::csv, "a,b\r\n\"x\r\ny\",\"\"\"\n\"\"\"\r\n\"\",2\r\n"), 2U)
      << "line ends in quotes";
}

TEST(RowCounter, Rows_Ndjson_AreTheLines) {
  EXPECT_EQ(count(Format::ndjson, ""), 0U);
  EXPECT_EQ(count(Format::ndjson, "{\"a\":\"\\\"\"}\n{\"a\":1}\n"), 2U);
}

TEST(RowCounter, Rows_BinaryFormat_AreUnknown) {
  EXPECT_EQ(count(Format::arrow, "a\nb\n"), std::nullopt);
  EXPECT_EQ(count(Format::parquet, ""), std::nullopt);
}

TEST(RowCounter, FirstLines_LongText_IsCutAfterALineOrAtTheBound) {
  EXPECT_EQ(first_lines("a\nb\nc\n", 2, 100), "a\nb\n");
  EXPECT_EQ(first_lines("\"a\nb\"\nc\n", 1, 100), "\"a\nb\"\n");
  EXPECT_EQ(first_lines("abcdef\n", 2, 3), "abc");
  EXPECT_EQ(first_lines("", 2, 3), "");
}

}  // namespace
}  // namespace offloader::cli
