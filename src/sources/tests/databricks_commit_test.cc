#include "databricks_commit.h"

#include <gmock/gmock.h>

namespace offloader::sources {
namespace {

using std::chrono::seconds;

TEST(DatabricksCommit, Parse_ValidCommit_ReturnsTheAddedNames) {
  EXPECT_THAT(parse_databricks_commit(R"({"added":["a.parquet","b.parquet"],"removed":["c"]})").value(),
              testing::ElementsAre("a.parquet", "b.parquet"));
  EXPECT_TRUE(parse_databricks_commit(R"({"added":[]})")->empty());
}

TEST(DatabricksCommit, Parse_NotAListOfPlainNames_Fails) {
  for (const char* bad : {"", "[]", "{}", R"({"added":1})", R"({"added":["../x"]})", R"({"added":["a/b"]})",
                          R"({"added":[".."]})", R"({"added":[""]})", R"({"added":[null]})"}) {
    EXPECT_FALSE(parse_databricks_commit(bad)) << bad;
  }
}

TEST(DatabricksCommit, Parse_NamesWithUnusualCharacters_AreKept) {
  const auto names = parse_databricks_commit(
      R"({"added":["a b","a+b","a%20b","100%","q?r#s","ünïcode-日本","back\\slash","quote\"'","~*[x]"]})");
  ASSERT_TRUE(names);
  EXPECT_EQ(names->size(), 9U);
  EXPECT_EQ(names->at(6), "back\\slash");
}

TEST(DatabricksCommit, Commits_MixedListing_AreSortedByTimeThenName) {
  const std::string prefix = "gs://bucket/export/";
  const auto at = [](int s) { return SystemTime{seconds(s)}; };
  const auto commits =
      databricks_commits({{.url = prefix + "_committed_1", .size = 1, .tag = "", .modified = at(5)},
                          {.url = prefix + "_committed_2", .size = 1, .tag = "", .modified = at(9)},
                          {.url = prefix + "_committed_3", .size = 1, .tag = "", .modified = at(9)},
                          {.url = prefix + "_committed_vacuum7", .size = 1, .tag = "", .modified = at(99)},
                          {.url = prefix + "sub/_committed_8", .size = 1, .tag = "", .modified = at(99)},
                          {.url = prefix + "_started_9", .size = 1, .tag = "", .modified = at(99)}},
                         prefix);
  ASSERT_EQ(commits.size(), 3U);
  EXPECT_EQ(commits[0].tid, "3");
  EXPECT_EQ(commits[1].tid, "2");
  EXPECT_EQ(commits[2].tid, "1");
}

}  // namespace
}  // namespace offloader::sources
