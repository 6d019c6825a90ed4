#include "offloader/rows/typed_values.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>

#include "offloader/base/decimal.h"

namespace offloader::rows {
namespace {

using catalog::ColumnType;
using catalog::decimal_type;

std::optional<Int128> exact_decimal(Int128 unscaled, std::uint8_t scale, catalog::SizedType type) {
  const Wide value = Wide::of(unscaled);
  return exact_at({.kind = Kind::decimal, .values = &value, .scale = scale}, 0, type);
}
std::optional<Int128> exact_double(double value, catalog::SizedType type) {
  return exact_at({.kind = Kind::float64, .values = &value}, 0, type);
}
std::optional<Int128> exact_integer(std::int64_t value, catalog::SizedType type) {
  return exact_at({.kind = Kind::int64, .values = &value}, 0, type);
}

TEST(TypedValues, ExactAt_WiderInteger_FitsOrIsRefused) {
  EXPECT_EQ(exact_integer(INT32_MIN, ColumnType::integer), INT32_MIN);
  EXPECT_EQ(exact_integer(std::int64_t{INT32_MAX} + 1, ColumnType::integer), std::nullopt);
  EXPECT_EQ(exact_integer(-12, decimal_type(5, 2)), -1200);
  EXPECT_EQ(exact_integer(1000, decimal_type(5, 2)), std::nullopt);
}

TEST(TypedValues, ExactAt_OtherScale_LosesNoDigit) {
  EXPECT_EQ(exact_decimal(125'000, 4, decimal_type(10, 2)), 1250);
  EXPECT_EQ(exact_decimal(125'001, 4, decimal_type(10, 2)), std::nullopt);
  EXPECT_EQ(exact_decimal(-300, 2, ColumnType::bigint), -3);
  EXPECT_EQ(exact_decimal(power_of_ten(37), 0, decimal_type(38, 2)), std::nullopt) << "40 digits";
}

TEST(TypedValues, ExactAt_Double_IsWholeOrRefused) {
  EXPECT_EQ(exact_double(-7, ColumnType::integer), -7);
  EXPECT_EQ(exact_double(7.5, ColumnType::integer), std::nullopt);
  EXPECT_EQ(exact_double(1e30, ColumnType::bigint), std::nullopt);
  EXPECT_EQ(exact_double(std::nan(""), decimal_type(38, 0)), std::nullopt);
}

TEST(TypedValues, DoubleAt_Decimal_IsTheNearest) {
  const Wide value = Wide::of(1);
  EXPECT_EQ(double_at({.kind = Kind::decimal, .values = &value, .scale = 1}, 0), 0.1);
}

TEST(TypedValues, TextAt_Uuid_IsItsText) {
  const Wide value{0x1122334455667788, 0x99aabbccddeeff00};
  UuidText uuid;
  EXPECT_EQ(text_at({.kind = Kind::uuid, .values = &value}, 0, uuid), "99aabbcc-ddee-ff00-1122-334455667788");
}

}  // namespace
}  // namespace offloader::rows
