#include "offloader/base/time_format.h"

#include <gtest/gtest.h>

#include "offloader/base/timestamp.h"

namespace offloader {
namespace {

std::string read(std::string_view pattern, std::string_view text) {
  const auto format = TimeFormat::parse(pattern);
  if (!format) return "no pattern: " + format.error();
  const auto micros = format->read(text);
  if (!micros) return "no";
  std::string out;
  append_timestamp(out, *micros);
  return out;
}

TEST(TimeFormat, Read_TextOfThePattern_ReturnsTheTime) {
  EXPECT_EQ(read("%d.%m.%Y", "1.2.2024"), "2024-02-01T00:00:00");
  EXPECT_EQ(read("%m/%d/%y", "12/31/69"), "1969-12-31T00:00:00");
  EXPECT_EQ(read("%d-%b-%Y", "29-FEB-2024"), "2024-02-29T00:00:00");
  EXPECT_EQ(read("%B %d, %Y %I:%M %p", "march 3, 2024 12:05 AM"), "2024-03-03T00:05:00");
  EXPECT_EQ(read("%Y%m%d%H%M%S.%f", "20240301235959.25"), "2024-03-01T23:59:59.25");
  EXPECT_EQ(read("%Y-%j", "2024-366"), "2024-12-31T00:00:00");
  EXPECT_EQ(read("%Y-%m-%dT%H:%M:%S%z", "2024-01-01T01:00:00+02:00"), "2023-12-31T23:00:00");
  EXPECT_EQ(read("%d%%%m%%%Y", "01%02%2024"), "2024-02-01T00:00:00");
}

TEST(TimeFormat, Read_NotADateOfThePattern_ReturnsNullopt) {
  for (const char* text : {"30.02.2024", "1.2.24", "1.2.2024 ", "", "a.b.c", "1.13.2024", "1.2.20245"})
    EXPECT_EQ(read("%d.%m.%Y", text), "no") << text;
  EXPECT_EQ(read("%Y-%j", "2023-366"), "no");
  EXPECT_EQ(read("%Y-%m-%d %I %p", "2024-01-01 13 PM"), "no");
}

TEST(TimeFormat, Parse_WithoutAWholeDate_IsRejected) {
  for (const char* pattern : {"", "%d.%m", "%Y", "%Y-%m-%d %", "%Y-%m-%d %Q", "%Y-%m-%d %Y", "%Y-%m-%d %I"})
    EXPECT_FALSE(TimeFormat::parse(pattern)) << pattern;
}

}  // namespace
}  // namespace offloader
