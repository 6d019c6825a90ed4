#include "offloader/base/uuid.h"

#include <gtest/gtest.h>

namespace offloader {
namespace {

TEST(Uuid, Parse_AnyCase_WritesBackInLowerCase) {
  const auto uuid = parse_uuid("123E4567-e89b-12D3-a456-426614174000");
  ASSERT_TRUE(uuid);
  EXPECT_EQ(uuid->high, 0x123e4567e89b12d3U);
  EXPECT_EQ(uuid->low, 0xa456426614174000U);
  std::string out;
  append_uuid(out, *uuid);
  EXPECT_EQ(out, "123e4567-e89b-12d3-a456-426614174000");
}

TEST(Uuid, Order_OfTwo_IsThatOfTheirTexts) {
  const auto a = parse_uuid("00000000-0000-0000-ffff-ffffffffffff");
  const auto b = parse_uuid("00000000-0000-0001-0000-000000000000");
  const auto c = parse_uuid("ffffffff-0000-0000-0000-000000000000");
  ASSERT_TRUE(a && b && c);
  EXPECT_LT(*a, *b);
  EXPECT_LT(*b, *c);
}

TEST(Uuid, Parse_OtherForms_Fails) {
  for (const char* text : {"", "{123e4567-e89b-12d3-a456-426614174000}", "123e4567e89b12d3a456426614174000",
                           "123e4567-e89b-12d3-a456-42661417400", "123e4567-e89b-12d3-a456-4266141740000",
                           "123e4567-e89b-12d3-a456-42661417400g", "123e4567e-89b-12d3-a456-426614174000",
                           " 123e4567-e89b-12d3-a456-42661417400"}) {
    EXPECT_FALSE(parse_uuid(text)) << text;
  }
}

}  // namespace
}  // namespace offloader
