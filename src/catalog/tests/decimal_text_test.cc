#include "offloader/catalog/decimal_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace offloader::catalog {
namespace {

std::string strict(std::string_view text) {
  const auto number = parse_decimal(text, DecimalForm::strict);
  return number ? to_text(*number) : "none";
}

TEST(DecimalText, Parse_StrictForms_HaveOneCanonicalText) {
  EXPECT_EQ(strict("0"), "0");
  EXPECT_EQ(strict("-0"), "0");
  EXPECT_EQ(strict("-0.00"), "0");
  EXPECT_EQ(strict("1.50"), "1.5");
  EXPECT_EQ(strict("-12.0"), "-12");
  EXPECT_EQ(strict("0.001"), "0.001");
  EXPECT_EQ(strict("123456789012345678901234567890.5"), "123456789012345678901234567890.5");
  for (const char* text :
       {"", "-", ".", ".5", "5.", "+1", "007", "1e3", "0x1F", " 7", "7 ", "1.2.3", "1,5", "--1", "nan"})
    EXPECT_EQ(strict(text), "none") << text;
}

TEST(DecimalText, Parse_LenientForms_ReadSignsAndLeadingZeros) {
  EXPECT_EQ(to_text(*parse_decimal("+007.10", DecimalForm::lenient)), "7.1");
  EXPECT_EQ(to_text(*parse_decimal("-000", DecimalForm::lenient)), "0");
  EXPECT_FALSE(parse_decimal("+-1", DecimalForm::lenient));
}

TEST(DecimalText, Compare_Numbers_OrdersByValue) {
  const char* const ascending[] = {"-100", "-99.5", "-99",  "-0.1", "-0.01", "0",
                                   "0.01", "0.1",   "0.11", "9",    "10",    "10.5"};
  for (std::size_t i = 0; i < std::size(ascending); ++i) {
    for (std::size_t k = 0; k < std::size(ascending); ++k) {
      const auto order = compare(*parse_decimal(ascending[i], DecimalForm::strict),
                                 *parse_decimal(ascending[k], DecimalForm::strict));
      EXPECT_EQ(order, i <=> k) << ascending[i] << " and " << ascending[k];
    }
  }
}

TEST(DecimalText, FloorOf_EndsOfTheRange_IsExact) {
  const auto floor = [](std::string_view text) {
    return floor_of(*parse_decimal(text, DecimalForm::strict));
  };
  using Int64 = std::numeric_limits<std::int64_t>;
  EXPECT_EQ(floor("1.999"), 1);
  EXPECT_EQ(floor("-1.001"), -2);
  EXPECT_EQ(floor("-0.5"), -1);
  EXPECT_EQ(floor("9223372036854775807.9"), Int64::max());
  EXPECT_EQ(floor("-9223372036854775808"), Int64::min());
  EXPECT_EQ(floor("9223372036854775808"), std::nullopt);
  EXPECT_EQ(floor("-9223372036854775808.1"), std::nullopt);
  EXPECT_EQ(floor("-18446744073709551615.1"), std::nullopt);
  EXPECT_EQ(floor("99999999999999999999999"), std::nullopt);
}

TEST(DecimalText, NearestDouble_BeyondTheRange_IsInfiniteOrZero) {
  const auto nearest = [](const std::string& text) {
    return nearest_double(*parse_decimal(text, DecimalForm::strict));
  };
  EXPECT_EQ(nearest("0.1"), 0.1);
  EXPECT_EQ(nearest("1" + std::string(400, '0')), std::numeric_limits<double>::infinity());
  EXPECT_EQ(nearest("-1" + std::string(400, '0')), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(nearest("0." + std::string(400, '0') + "1"), 0.0);
}

}  // namespace
}  // namespace offloader::catalog
