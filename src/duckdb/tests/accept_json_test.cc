#include "accept_json.h"

#include <gtest/gtest.h>

namespace offloader::duckdb {
namespace {

TEST(AcceptJson, Accept_StrictJson_ReplacesOnlyNonFiniteNumbers) {
  EXPECT_EQ(accept_json(R"( {"a": [1, -2.5e3, "NaN\n", NaN, -Infinity]} )"),
            R"( {"a": [1, -2.5e3, "NaN\n", null, null]} )");
  for (const char* bad :
       {"", "{a:1}", "[1,]", "01", "1 2", "\"\\x\"", "\"\t\"", "{\"a\"}", "tru", "+1", ".5", "1."}) {
    EXPECT_FALSE(accept_json(bad)) << bad;
  }
}

}  // namespace
}  // namespace offloader::duckdb
