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

// Every literal within and around the range of a small type, against every value of it.
TEST(DecimalValue, Compare_AnyLiteralWithAnyValue_IsExact) {
  constexpr DecimalSize kSize{2, 1};  // -9.9 to 9.9
  for (int number = -10'400; number <= 10'400; ++number) {
    const std::string text = literal(number);
    const DecimalValue eq = decimal_value(text, kSize, FilterOp::eq);
    const DecimalValue gte = decimal_value(text, kSize, FilterOp::gte);
    const DecimalValue lte = decimal_value(text, kSize, FilterOp::lte);
    for (int cell = -99; cell <= 99; ++cell) {
      ASSERT_EQ(eq.fit == Fit::fits && eq.value.unscaled == cell, cell * 100 == number)
          << text << " " << cell;
      ASSERT_EQ(gte.fit == Fit::fits && cell >= gte.value.unscaled, cell * 100 >= number)
          << text << " " << cell;
      ASSERT_EQ(lte.fit == Fit::fits && cell <= lte.value.unscaled, cell * 100 <= number)
          << text << " " << cell;
    }
  }
}

TEST(DecimalValue, Value_BeyondTheType_StaysWithinIt) {
  const std::string huge(50, '9');
  EXPECT_EQ(decimal_value(huge, {38, 2}, FilterOp::gte).fit, Fit::never);
  EXPECT_EQ(decimal_value(huge, {38, 2}, FilterOp::eq).fit, Fit::never);
  EXPECT_TRUE(decimal_value(huge, {38, 2}, FilterOp::lte).value.unscaled == power_of_ten(38) - 1);
  EXPECT_EQ(decimal_value("-" + huge, {38, 2}, FilterOp::lte).fit, Fit::never);
  EXPECT_TRUE(decimal_value("-" + huge, {38, 2}, FilterOp::gte).value.unscaled == 1 - power_of_ten(38));
  EXPECT_EQ(decimal_value("12.5", {12, 2}, FilterOp::eq).value, (Decimal{1250, 2}));
}

TEST(DecimalValue, Value_NoLiteral_MatchesNothingOrIsRefused) {
  for (const char* text : {"", "1e3", "0x1F", " 7 ", "NaN", ".5", "5.", "1,5"}) {
    EXPECT_EQ(decimal_value(text, {12, 2}, FilterOp::eq).fit, Fit::never) << text;
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
