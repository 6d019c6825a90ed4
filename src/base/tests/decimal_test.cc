#include "offloader/base/decimal.h"

#include <gtest/gtest.h>

namespace offloader {
namespace {

std::string written(Int128 unscaled, unsigned scale) {
  std::string out;
  append_decimal(out, unscaled, scale);
  return out;
}

TEST(Decimal, Write_AnyScale_HasExactlyThatManyDigits) {
  EXPECT_EQ(written(1250, 2), "12.50");
  EXPECT_EQ(written(-5, 2), "-0.05");
  EXPECT_EQ(written(0, 2), "0.00");
  EXPECT_EQ(written(0, 0), "0");
  EXPECT_EQ(written(-7, 0), "-7");
  EXPECT_EQ(written(1, 38), "0.00000000000000000000000000000000000001");
  EXPECT_EQ(written(power_of_ten(38) - 1, 2), "999999999999999999999999999999999999.99");
  EXPECT_EQ(written(1 - power_of_ten(38), 38), "-0.99999999999999999999999999999999999999");
  EXPECT_EQ(written(Int128{1} << 64, 0), "18446744073709551616");
}

TEST(Decimal, Read_LiteralOfMoreDigits_RoundsDownAndSaysSo) {
  const auto read = [](std::string_view text, unsigned scale, Int128 floor, bool exact) {
    const auto found = read_decimal(text, scale);
    ASSERT_TRUE(found) << text;
    EXPECT_TRUE(found->floor == floor) << text;
    EXPECT_EQ(found->exact, exact) << text;
  };
  read("12.50", 2, 1250, true);
  read("12.5", 2, 1250, true);
  read("+0012.500", 2, 1250, true);
  read("12.501", 2, 1250, false);
  read("-12.501", 2, -1251, false);
  read("-0", 2, 0, true);
  read("-0.001", 2, -1, false);
  read("7", 0, 7, true);
  read(std::string(60, '9'), 2, power_of_ten(38), false);
  read("-" + std::string(60, '9'), 2, -power_of_ten(38) - 1, false);
  read("99999999999999999999999999999999999999", 0, power_of_ten(38) - 1, true);
  read("100000000000000000000000000000000000000", 0, power_of_ten(38), false);
}

TEST(Decimal, Read_NoDecimal_Fails) {
  for (const char* text :
       {"", "-", "+", ".", ".5", "5.", "1e3", "0x1F", " 7", "7 ", "1,5", "1.2.3", "--1", "NaN", "1-"})
    EXPECT_FALSE(read_decimal(text, 2)) << text;
}

TEST(Decimal, Parse_ValueOfTheType_IsExact) {
  EXPECT_TRUE(parse_decimal("9999999999.99", 12, 2) == Int128{999999999999});
  EXPECT_TRUE(parse_decimal("-0.5", 12, 2) == Int128{-50});
  EXPECT_TRUE(parse_decimal(".5", 12, 2) == Int128{50});
  EXPECT_TRUE(parse_decimal("5.", 12, 2) == Int128{500});
  EXPECT_TRUE(parse_decimal("1.5000", 12, 2) == Int128{150});
  EXPECT_TRUE(parse_decimal("0.99", 2, 2) == Int128{99});
}

TEST(Decimal, Parse_ValueThatDoesNotFit_Fails) {
  for (const char* text : {"10000000000", "1.501", "-10000000000.00", "", ".", "1e2", "1 000", "NaN"})
    EXPECT_FALSE(parse_decimal(text, 12, 2)) << text;
  EXPECT_FALSE(parse_decimal("1", 2, 2));
}

TEST(Decimal, Double_AnyNumber_IsTheNearest) {
  EXPECT_EQ(double_of_decimal(1250, 2), 12.5);
  EXPECT_EQ(double_of_decimal(-1, 1), -0.1);
  EXPECT_EQ(double_of_decimal(0, 38), 0.0);
  EXPECT_EQ(double_of_decimal(Int128{1} << 53, 0), 0x1p53);
  // Between two doubles, and on a tie the even one.
  EXPECT_EQ(double_of_decimal((Int128{1} << 53) + 1, 0), 0x1p53);
  EXPECT_EQ(double_of_decimal(-((Int128{1} << 53) + 1), 0), -0x1p53);
  EXPECT_EQ(double_of_decimal((Int128{1} << 53) * 10 + 11, 1), 0x1p53 + 2);
  EXPECT_EQ(double_of_decimal(power_of_ten(38) - 1, 0), 1e38);
  EXPECT_EQ(double_of_decimal(1, 38), 1e-38);
  EXPECT_EQ(double_of_decimal(3, 23), 3e-23);
}

}  // namespace
}  // namespace offloader
