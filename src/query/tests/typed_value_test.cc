#include "typed_value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "filter_conditions.h"

namespace offloader::query {
namespace {

using catalog::ColumnType;
using catalog::FilterOp;
using catalog::ParamType;

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

TEST(ParseInteger, Parse_NotCanonical_ReturnsNullopt) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("-1"), -1);
  EXPECT_EQ(parse_integer("9223372036854775807"), kMax);
  EXPECT_EQ(parse_integer("-9223372036854775808"), kMin);
  for (const char* text : {"", "-", "+5", "007", "-0", "-07", "00", "1.0", "1e3", "0x1", " 1", "1 ", "1_000",
                           "--1", "9223372036854775808", "-9223372036854775809", "99999999999999999999"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
}

struct Reading {
  Fit fit;
  std::vector<Value> values;
};

Reading reading(std::string_view text, ParamType param, ColumnType column, FilterOp op) {
  Reading result{};
  result.fit = append_values(result.values, text, param, column, op);
  return result;
}

// Comparing an integer with a DOUBLE must select exactly the rows that exact arithmetic would.
TEST(IntegerAgainstDouble, Compare_NumbersBeyond53Bits_IsExact) {
  std::vector<std::int64_t> numbers{0,          1,          -1,         kMax,     kMin,
                                    kMax - 511, kMax - 512, kMax - 513, kMin + 1, kMin + 1025};
  for (const int bit : {52, 53, 54, 60, 62}) {
    for (std::int64_t delta = -3; delta <= 3; ++delta) {
      numbers.push_back((std::int64_t{1} << bit) + delta);
      numbers.push_back(-(std::int64_t{1} << bit) + delta);
    }
  }
  for (const std::int64_t number : numbers) {
    const std::string text = std::to_string(number);
    const auto exact = static_cast<long double>(number);  // has a 64-bit mantissa
    static_assert(std::numeric_limits<long double>::digits >= 64);
    const auto near = static_cast<double>(number);
    for (const double cell :
         {near, std::nextafter(near, 1e300), std::nextafter(near, -1e300), 0.0, 0.5, -1e300, 1e300}) {
      const auto bound = [&](FilterOp op) {
        return std::get<double>(reading(text, ParamType::integer, ColumnType::float64, op).values.at(0));
      };
      EXPECT_EQ(cell >= bound(FilterOp::gte), static_cast<long double>(cell) >= exact) << text << " " << cell;
      EXPECT_EQ(cell <= bound(FilterOp::lte), static_cast<long double>(cell) <= exact) << text << " " << cell;
      const Reading equal = reading(text, ParamType::integer, ColumnType::float64, FilterOp::eq);
      EXPECT_EQ(equal.fit == Fit::fits && cell == std::get<double>(equal.values.at(0)),
                static_cast<long double>(cell) == exact)
          << text << " " << cell;
    }
  }
}

TEST(DateAgainstTimestamp, Compare_Date_CoversTheWholeDay) {
  constexpr std::int64_t kDay = 86'400'000'000;
  const auto at = [](std::int64_t micros) { return Value(Timestamp{micros}); };
  const auto read = [](std::string_view text, FilterOp op) {
    return reading(text, ParamType::date, ColumnType::timestamp, op).values;
  };
  EXPECT_EQ(read("1970-01-02", FilterOp::eq), (std::vector<Value>{at(kDay), at(2 * kDay)}));
  EXPECT_EQ(read("1970-01-02", FilterOp::gte), std::vector<Value>{at(kDay)});
  EXPECT_EQ(read("1970-01-02", FilterOp::lte), std::vector<Value>{at(2 * kDay)});
  EXPECT_EQ(read("1969-12-31", FilterOp::eq), (std::vector<Value>{at(-kDay), at(0)}));
  EXPECT_EQ(read("1970-01-02", FilterOp::gt), std::vector<Value>{at(2 * kDay)});
  EXPECT_EQ(read("1970-01-02", FilterOp::lt), std::vector<Value>{at(kDay)});
}

TEST(DateAgainstTimestampTz, Compare_Date_CoversTheWholeDayInUtc) {
  constexpr std::int64_t kDay = 86'400'000'000;
  const auto read = [](FilterOp op) {
    return reading("1970-01-02", ParamType::date, ColumnType::timestamptz, op).values;
  };
  EXPECT_EQ(read(FilterOp::eq), (std::vector<Value>{Timestamp{kDay}, Timestamp{2 * kDay}}));
  EXPECT_EQ(read(FilterOp::lte), std::vector<Value>{Timestamp{2 * kDay}});
  const FilterTests tests = tests_for({.op = FilterOp::eq}, ParamType::date, ColumnType::timestamptz);
  ASSERT_TRUE(tests.second);
  EXPECT_EQ(std::get<Compare>(*tests.second).comparison, Comparison::lt);
}

TEST(TypedValues, Append_AnyText_KeepsTheColumnsType) {
  const std::map<ColumnType, std::size_t> places = {
      // indices of Value's alternatives
      {ColumnType::boolean, 0}, {ColumnType::integer, 1},     {ColumnType::bigint, 1},
      {ColumnType::float64, 2}, {ColumnType::date, 3},        {ColumnType::timestamp, 4},
      {ColumnType::varchar, 5}, {ColumnType::timestamptz, 4}, {ColumnType::uuid, 7}};
  for (const auto& [column, place] : places) {
    for (const FilterOp op : {FilterOp::eq, FilterOp::gte, FilterOp::lte}) {
      for (const char* text :
           {"", "true", "7", "-0.5", "2024-01-31", "2024-01-31T10:20:30Z", "nan", "1e999", "x"}) {
        const Reading got = reading(text, ParamType::string, column, op);
        ASSERT_EQ(got.values.size(), 1U);
        EXPECT_EQ(got.values[0].index(), place) << text;
        EXPECT_NE(got.fit, op == FilterOp::eq ? Fit::unreadable : Fit::never) << text;
      }
    }
  }
}

TEST(TypedValues, Append_EqualValues_AreTheSame) {
  const auto read = [](std::string_view text, ColumnType column) {
    return reading(text, ParamType::string, column, FilterOp::eq).values.at(0);
  };
  EXPECT_FALSE(std::signbit(std::get<double>(read("-0.0", ColumnType::float64))));
  EXPECT_EQ(read("1e1", ColumnType::float64), read("10.00", ColumnType::float64));
  EXPECT_EQ(read("2024-01-31T12:00+02:00", ColumnType::timestamp),
            read("2024-01-31 10:00:00", ColumnType::timestamp));
}

}  // namespace
}  // namespace offloader::query
