#include "offloader/catalog/sized_type.h"

#include <gtest/gtest.h>

namespace offloader::catalog {
namespace {

TEST(SizedType, Parse_DecimalWithinItsBounds_HasItsSize) {
  EXPECT_EQ(parse_column_type("DECIMAL(12,2)"), decimal_type(12, 2));
  EXPECT_EQ(parse_column_type("DECIMAL( 12 , 2 )"), decimal_type(12, 2));
  EXPECT_EQ(parse_column_type("DECIMAL(1,0)"), decimal_type(1, 0));
  EXPECT_EQ(parse_column_type("DECIMAL(38,38)"), decimal_type(38, 38));
  EXPECT_EQ(parse_column_type("UUID"), SizedType(ColumnType::uuid));
}

TEST(SizedType, Parse_NoDecimal_Fails) {
  for (const char* text :
       {"DECIMAL", "DECIMAL()", "DECIMAL(12)", "DECIMAL(0,0)", "DECIMAL(39,2)", "DECIMAL(2,3)",
        "DECIMAL(12,-2)", "DECIMAL(+12,2)", "DECIMAL(12,2) ", "DECIMAL(12,2", "decimal(12,2)",
        "DECIMAL(12,2,1)", "DECIMAL(268,2)", "DECIMAL(1 2,2)", "DECIMAL (12,2)", "uuid"}) {
    EXPECT_EQ(parse_column_type(text), std::nullopt) << text;
  }
}

TEST(SizedType, Name_OfAnyType_ParsesBack) {
  EXPECT_EQ(name_of(decimal_type(12, 2)), "DECIMAL(12,2)");
  EXPECT_EQ(name_of(SizedType(ColumnType::timestamptz)), "TIMESTAMPTZ");
  EXPECT_EQ(parse_column_type(name_of(decimal_type(38, 0))), decimal_type(38, 0));
}

TEST(SizedType, Numbered_SizeThatDoesNotBelongToTheType_Fails) {
  EXPECT_EQ(column_type_of(8, 12, 2), decimal_type(12, 2));
  EXPECT_EQ(column_type_of(4, 0, 0), SizedType(ColumnType::date));
  EXPECT_EQ(column_type_of(4, 12, 2), std::nullopt);
  EXPECT_EQ(column_type_of(8, 0, 0), std::nullopt);
  EXPECT_EQ(column_type_of(8, 300, 2), std::nullopt);
  EXPECT_EQ(column_type_of(99, 0, 0), std::nullopt);
}

TEST(SizedType, Comparison_WithAKind_IgnoresTheSize) {
  EXPECT_TRUE(decimal_type(12, 2) == ColumnType::decimal);
  EXPECT_FALSE(decimal_type(12, 2) == decimal_type(12, 3));
}

TEST(SizedType, Hint_ForTextsThatLookDecimal_SaysHowToWriteThem) {
  EXPECT_NE(decimal_hint("DECIMAL(12").find("quote it"), std::string::npos);
  EXPECT_NE(decimal_hint("numeric(12,2)").find("DECIMAL(12,2)"), std::string::npos);
  EXPECT_NE(decimal_hint("DECIMAL").find("DECIMAL(12,2)"), std::string::npos);
  EXPECT_EQ(decimal_hint("STRING"), "");
}

}  // namespace
}  // namespace offloader::catalog
