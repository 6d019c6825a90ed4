#include "offloader/catalog/param_value.h"

#include <gtest/gtest.h>

namespace offloader::catalog {
namespace {

TEST(ParamValue, IsValueOf_WhatTheEngineWouldRead_IsRejected) {
  for (const char* text : {"0x1F", "1e3", " 7", "7 ", "+7", "007", "", "1_000"}) {
    EXPECT_FALSE(is_value_of(ParamType::integer, text)) << text;
    EXPECT_FALSE(is_value_of(ParamType::number, text)) << text;
  }
  for (const char* text : {"yes", "TRUE", "t", "on", "", "2", " true"})
    EXPECT_FALSE(is_value_of(ParamType::boolean, text)) << text;
  for (const char* text : {"true", "false", "1", "0"})
    EXPECT_TRUE(is_value_of(ParamType::boolean, text)) << text;
}

TEST(ParamValue, ParseInstant_FormsOfRfc3339_AreRead) {
  EXPECT_EQ(parse_instant("1970-01-01T00:00:01Z")->micros, 1'000'000);
  EXPECT_EQ(parse_instant("1970-01-01T00:00:01")->micros, 1'000'000);
  EXPECT_EQ(parse_instant("1970-01-01t01:00:00.5+01:00")->micros, 500'000);
  for (const char* text :
       {"1970-01-01", "1970-01-01T00:00", "1970-01-01T00:00:00,5Z", "1970-01-01T00:00:00+0100",
        "1970-01-01T00:00:00+01", "1970-01-01T24:00:00Z", "1970-02-30T00:00:00Z", ""})
    EXPECT_FALSE(parse_instant(text)) << text;
  EXPECT_TRUE(parse_any_instant("1970-01-01"));
}

TEST(ParamValue, ParseInstant_MoreThanSixDigits_SaysThatItIsCut) {
  EXPECT_FALSE(parse_instant("1970-01-01T00:00:00.123456Z")->cut);
  EXPECT_FALSE(parse_instant("1970-01-01T00:00:00.123456000Z")->cut);
  EXPECT_TRUE(parse_instant("1970-01-01T00:00:00.1234560001Z")->cut);
  EXPECT_EQ(parse_instant("1970-01-01T00:00:00.1234569Z")->micros, 123'456);
}

TEST(ParamValue, ReadableAs_FormsOfAnswers_AreRead) {
  EXPECT_TRUE(readable_as(ColumnType::boolean, "True"));
  EXPECT_TRUE(readable_as(ColumnType::boolean, "0"));
  EXPECT_FALSE(readable_as(ColumnType::boolean, "yes"));
  EXPECT_TRUE(readable_as(ColumnType::bigint, "+007"));
  EXPECT_FALSE(readable_as(ColumnType::bigint, "7.0"));
  EXPECT_TRUE(readable_as(ColumnType::float64, "1e+20"));
  EXPECT_TRUE(readable_as(ColumnType::float64, "+007.5"));
  EXPECT_FALSE(readable_as(ColumnType::float64, "+-7"));
  EXPECT_FALSE(readable_as(ColumnType::float64, "nan"));
  EXPECT_FALSE(readable_as(ColumnType::json, "{}"));
}

TEST(ParamValue, CountCharacters_OfSeveralBytes_CountsEachOnce) {
  EXPECT_EQ(count_characters("aé日😀"), 4U);
}

}  // namespace
}  // namespace offloader::catalog
