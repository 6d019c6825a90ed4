#include "nested_json.h"

#include <gtest/gtest.h>

namespace offloader::duckdb {
namespace {

TEST(NestedJson, WrittenType_WithoutDecimalsAndTimestamps_IsLeftToDuckDb) {
  for (const char* type : {"STRUCT(a BIGINT, b DATE)", "VARCHAR[][]", "MAP(VARCHAR, UUID)",
                           "STRUCT(\"DECIMAL(1,2)\" INTEGER)", "STRUCT(t TIME)[3]"}) {
    EXPECT_EQ(written_type(type), std::nullopt) << type;
  }
}

TEST(NestedJson, WrittenType_OtherLeaves_BecomeText) {
  const auto same = [](const char* type) { EXPECT_EQ(written_type(type), type); };
  same("STRUCT(a DECIMAL(12,2), \"b c\" TIMESTAMP WITH TIME ZONE[])");
  same("MAP(VARCHAR, STRUCT(a TIMESTAMP_NS, b DOUBLE[2])[])[]");
  same("STRUCT(\"a \"\"b\"\", (c\" DECIMAL(38,10), d JSON)");
  EXPECT_EQ(written_type("STRUCT(a TIMESTAMP_S, b TIME WITH TIME ZONE, c ENUM('x, )', 'it''s'), d BLOB[])"),
            "STRUCT(a TIMESTAMP, b VARCHAR, c VARCHAR, d VARCHAR[])");
  EXPECT_EQ(written_type("STRUCT(u UNION(num DECIMAL(4,2), str VARCHAR), n DECIMAL(4,2))"),
            "STRUCT(u VARCHAR, n DECIMAL(4,2))");
}

TEST(NestedJson, WrittenType_NotUnderstood_IsLeftToDuckDb) {
  for (const char* type : {"", "STRUCT(", "STRUCT(a DECIMAL(4,2)", "STRUCT(a DECIMAL(4,2)) x",
                           "MAP(DECIMAL(4,2))", "DECIMAL(4,2)[x]", "STRUCT(\"a DECIMAL(4,2))"}) {
    EXPECT_EQ(written_type(type), std::nullopt) << type;
  }
  std::string deep = "DECIMAL(4,2)";
  for (int i = 0; i < 300; ++i) deep = "STRUCT(a " + deep + ")";
  EXPECT_EQ(written_type(deep), std::nullopt);
}

TEST(NestedJson, Sql_OfAType_CastsOnlyIfNeeded) {
  EXPECT_EQ(nested_sql("VARCHAR[]", "c"), "CAST(to_json(c) AS VARCHAR)");
  EXPECT_EQ(nested_sql("DECIMAL(4,2)[]", "c"), "offloader_nested_json(c)");
  EXPECT_EQ(nested_sql("STRUCT(a DECIMAL(4,2), b TIME)", "c"),
            "offloader_nested_json(CAST(c AS STRUCT(a DECIMAL(4,2), b VARCHAR)))");
}

}  // namespace
}  // namespace offloader::duckdb
