#include "offloader/catalog/relative_date.h"

#include <gtest/gtest.h>

#include "offloader/base/timestamp.h"

namespace offloader::catalog {
namespace {

std::string resolved(std::string_view text, std::string_view today,
                     std::string_view watermark = "2000-01-01") {
  const auto date = parse_relative_date(text);
  if (!date) return "none";
  std::string day;
  append_date(day, date->resolve(*parse_date(today), *parse_date(watermark)));
  return day;
}

TEST(RelativeDate, Resolve_DaysAndWeeks_Counts) {
  EXPECT_EQ(resolved("today", "2026-03-01"), "2026-03-01");
  EXPECT_EQ(resolved("today-1d", "2026-03-01"), "2026-02-28");
  EXPECT_EQ(resolved("today+2w", "2026-03-01"), "2026-03-15");
  EXPECT_EQ(resolved("watermark-29d", "2026-03-01", "2024-03-01"), "2024-02-01");
}

TEST(RelativeDate, Resolve_MonthWithoutTheDay_IsItsLastDay) {
  EXPECT_EQ(resolved("today-1mo", "2024-03-31"), "2024-02-29");
  EXPECT_EQ(resolved("today+1mo", "2026-01-31"), "2026-02-28");
  EXPECT_EQ(resolved("today-1y", "2024-02-29"), "2023-02-28");
  EXPECT_EQ(resolved("today-13mo", "2026-01-15"), "2024-12-15");
}

TEST(RelativeDate, Resolve_PastTheCalendar_IsItsEnd) {
  EXPECT_EQ(resolved("today+99999y", "2026-01-15"), "9999-12-31");
  EXPECT_EQ(resolved("today-99999y", "2026-01-15"), "0000-01-01");
  EXPECT_EQ(resolved("today-99999w", "0001-01-15"), "0000-01-01");
}

TEST(RelativeDate, Parse_OtherTexts_ReturnsNullopt) {
  for (const char* text : {"", "Today", "today ", "today-", "today-d", "today-1", "today-1m", "today- 1d",
                           "today-1.5d", "today-123456d", "tomorrow", "watermark+1h", "todays", "today--1d"})
    EXPECT_FALSE(parse_relative_date(text)) << text;
  EXPECT_EQ(to_text(*parse_relative_date("watermark-2w")), "watermark-14d");
  EXPECT_EQ(to_text(*parse_relative_date("today+1y")), "today+12mo");
  EXPECT_EQ(to_text(*parse_relative_date("today-0y")), "today");
}

}  // namespace
}  // namespace offloader::catalog
