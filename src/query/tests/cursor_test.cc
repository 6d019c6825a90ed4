#include "offloader/query/cursor.h"

#include <gtest/gtest.h>

#include <limits>

#include "offloader/base/decimal.h"

namespace offloader::query {
namespace {

Cursor sample() {
  Cursor cursor;
  cursor.contract = std::string("\0contract", 9);
  cursor.snapshot = "snapshot";
  cursor.moment = {.today = 20'000, .watermark = -1};
  cursor.keys = {true,
                 std::int64_t{-1},
                 std::numeric_limits<std::int64_t>::min(),
                 std::numeric_limits<std::int64_t>::max(),
                 -0.0,
                 1e300,
                 Date{std::numeric_limits<std::int32_t>::min()},
                 Timestamp{1'767'225'600'000'000},
                 std::string("a\0b", 3),
                 Decimal{-power_of_ten(38), 2},
                 Uuid{~0ULL, 0},
                 Nothing{}};
  cursor.equal = 3;
  cursor.position = std::numeric_limits<std::uint64_t>::max();
  cursor.moved = true;
  return cursor;
}

TEST(Cursor, Decode_EncodedCursor_GivesItBack) {
  EXPECT_EQ(decode_cursor(encode(sample())), sample());
  EXPECT_EQ(decode_cursor(encode({})), Cursor{});
}

TEST(Cursor, Decode_TruncatedOrExtended_ReturnsNullopt) {
  const std::string bytes = encode(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_cursor(bytes.substr(0, size))) << size;
  EXPECT_FALSE(decode_cursor(bytes + '\0'));
}

TEST(Cursor, Decode_OtherSpelling_ReturnsNullopt) {
  // The count of equal rows is the byte after the moment.
  std::string bytes = encode({});
  ASSERT_EQ(bytes, std::string("\1\0\0\0\0\0\0\0\0", 9));
  EXPECT_FALSE(decode_cursor(std::string("\1\0\0\0\0\x80\0\0\0\0", 10))) << "a zero of two bytes";
  bytes[0] = 2;
  EXPECT_FALSE(decode_cursor(bytes)) << "another version";
  EXPECT_FALSE(decode_cursor(std::string("\1\0\0\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\2\0\0", 19)))
      << "a number of 65 bits";
}

TEST(CursorBinding, Of_ParamsInAnyOrderAndAnyLimit_IsTheSame) {
  const auto of = [](const Params& params) { return cursor_binding("e", catalog::Tenant("t"), params); };
  const std::string bound = of({{"a", "1"}, {"b", "2"}});
  EXPECT_EQ(of({{"b", "2"}, {"limit", "5"}, {"cursor", "x"}, {"format", "csv"}, {"a", "1"}}), bound);
  EXPECT_NE(of({{"a", "1"}}), bound);
  EXPECT_NE(of({{"a", "12"}, {"b", ""}}), bound);
  EXPECT_NE(of({{"a", "1"}, {"b", "2"}, {"columns", "x"}}), bound);
  EXPECT_NE(cursor_binding("f", catalog::Tenant("t"), {{"a", "1"}, {"b", "2"}}), bound);
  EXPECT_NE(cursor_binding("e", catalog::Tenant("u"), {{"a", "1"}, {"b", "2"}}), bound);
  EXPECT_NE(cursor_binding("e", std::nullopt, {{"a", "1"}, {"b", "2"}}), bound);
  EXPECT_NE(cursor_binding("e", catalog::Tenant(std::int64_t{1}), {}),
            cursor_binding("e", catalog::Tenant("1"), {}));
  EXPECT_NE(of({{"a", "1"}, {"a", "2"}}), of({{"a", "2"}, {"a", "1"}}));
}

}  // namespace
}  // namespace offloader::query
