#include "decimal_value.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace offloader::query {
namespace {

using catalog::ColumnType;
using catalog::DecimalSize;
using catalog::FilterOp;
using catalog::ParamType;

// A literal with three digits after the point, from its thousandths.
std::string literal(int thousandths) {
  const int magnitude = std::abs(thousandths);
  std::string fraction = std::to_string(1000 + magnitude % 1000).substr(1);
  return (thousandths < 0 ? "-" : "") + std::to_string(magnitude / 1000) + "." + fraction;
}

struct Compared {
  FilterOp op;
  bool (*holds)(Int128, Int128);
};
constexpr Compared kComparisons[] = {
    {FilterOp::eq, [](Int128 a, Int128 b) { return a == b; }},
    {FilterOp::ne, [](Int128 a, Int128 b) { return a != b; }},
    {FilterOp::gt, [](Int128 a, Int128 b) { return a > b; }},
    {FilterOp::gte, [](Int128 a, Int128 b) { return a >= b; }},
    {FilterOp::lt, [](Int128 a, Int128 b) { return a < b; }},
    {FilterOp::lte, [](Int128 a, Int128 b) { return a <= b; }},
};

// Every literal within and around the range of a small type, against every value of it.
TEST(DecimalValue, Compare_AnyLiteralWithAnyValue_IsExact) {
  constexpr DecimalSize kSize{2, 1};  // -9.9 to 9.9
  for (int number = -10'400; number <= 10'400; ++number) {
    const std::string text = literal(number);
    for (const Compared& compared : kComparisons) {
      const TypedValue read = decimal_value(text, kSize, compared.op);
      const auto* const decimal = std::get_if<Decimal>(&read.value);
      for (int cell = -99; cell <= 99; ++cell) {
        // Without a Decimal no value is equal, so that only `ne` holds.
        const bool holds =
            decimal == nullptr ? read.fit == Fit::fits : compared.holds(cell, decimal->unscaled);
        ASSERT_EQ(holds, compared.holds(cell * 100, number))
            << text << " " << cell << " " << catalog::row_of(compared.op).name;
      }
    }
  }
}

TEST(DecimalValue, Value_BeyondEveryDecimal_StaysComparable) {
  const std::string huge(50, '9');
  const Int128 greatest = power_of_ten(38) - 1;
  for (const FilterOp op : {FilterOp::gt, FilterOp::gte, FilterOp::lt, FilterOp::lte}) {
    EXPECT_TRUE(std::get<Decimal>(decimal_value(huge, {38, 2}, op).value).unscaled > greatest);
    EXPECT_TRUE(std::get<Decimal>(decimal_value("-" + huge, {38, 2}, op).value).unscaled < -greatest);
  }
  EXPECT_EQ(decimal_value(huge, {38, 2}, FilterOp::eq).fit, Fit::never);
  EXPECT_EQ(std::get<Decimal>(decimal_value("12.5", {12, 2}, FilterOp::eq).value), (Decimal{1250, 2}));
}

TEST(DecimalValue, Value_NoLiteral_IsUnreadable) {
  for (const char* text : {"", "1e3", "0x1F", " 7 ", "NaN", ".5", "5.", "1,5"}) {
    EXPECT_EQ(decimal_value(text, {12, 2}, FilterOp::eq).fit, Fit::unreadable) << text;
    EXPECT_EQ(decimal_value(text, {12, 2}, FilterOp::gte).fit, Fit::unreadable) << text;
  }
}

TEST(DecimalValue, Append_EqualLiterals_AreTheSame) {
  const auto read = [](std::string_view text, ParamType param) {
    std::vector<Value> values;
    EXPECT_EQ(append_values(values, text, param, catalog::decimal_type(12, 2), FilterOp::eq), Fit::fits);
    return values.at(0);
  };
  EXPECT_EQ(read("7", ParamType::integer), read("+007.0", ParamType::string));
  EXPECT_EQ(read("-0", ParamType::string), read("0.00", ParamType::string));
}

TEST(UuidValue, Append_AnyCase_IsTheSame) {
  const auto read = [](std::string_view text, FilterOp op) {
    std::vector<Value> values;
    return append_values(values, text, ParamType::string, ColumnType::uuid, op);
  };
  std::vector<Value> values;
  for (const char* text : {"123E4567-E89B-12D3-A456-426614174000", "123e4567-e89b-12d3-a456-426614174000"})
    EXPECT_EQ(append_values(values, text, ParamType::string, ColumnType::uuid, FilterOp::eq), Fit::fits);
  EXPECT_EQ(values.at(0), values.at(1));
  EXPECT_EQ(read("{123e4567-e89b-12d3-a456-426614174000}", FilterOp::eq), Fit::never);
  EXPECT_EQ(read("123e4567e89b12d3a456426614174000", FilterOp::gte), Fit::unreadable);
}

}  // namespace
}  // namespace offloader::query
