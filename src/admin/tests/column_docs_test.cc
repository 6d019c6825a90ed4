#include "column_docs.h"

#include <gtest/gtest.h>

#include "offloader/catalog/load.h"

namespace offloader::admin {
namespace {

class BucketDocs : public ::testing::Test {
 protected:
  void load(const std::string& column, const std::string& bucket) {
    const auto loaded =
        catalog::load_project_files({{"offloader.yml", "version: 1\n"},
                                     {"datasets/d.yml",
                                      "id: d\nmanifest: m.json\nschema:\n  - {name: day, type: DATE}\n  - "
                                      "{name: at, type: TIMESTAMPTZ}\n"},
                                     {"endpoints/e.yml",
                                      "name: e\nversion: 1\ndataset: d\nparams:\n"
                                      "  - {name: grain, type: enum, enum: [hour, day], default: day}\n"
                                      "  - {name: zone, type: enum, enum: [UTC, Asia/Tokyo]}\n"
                                      "query:\n  select:\n    - {as: start, column: " +
                                          column + ", bucket: {" + bucket +
                                          "}}\n    - {as: rows, column: day, agg: count}\n  group_by: "
                                          "[start]\ncolumns: [start, rows]\n"}});
    ASSERT_NE(loaded.catalog, nullptr) << to_text(loaded.findings);
    const catalog::Endpoint& endpoint = loaded.catalog->endpoints.at("e");
    const bool nulls = fills_with_nulls(endpoint);
    start_ = describe(endpoint.select[0], loaded.catalog->datasets.at("d"), nulls);
    rows_ = describe(endpoint.select[1], loaded.catalog->datasets.at("d"), nulls);
  }

  ColumnDocs start_;
  ColumnDocs rows_;
};

TEST_F(BucketDocs, Describe_DaysOfAZone_IsADate) {
  load("at", "grain: day, timezone: Europe/Berlin, fill: zero");
  EXPECT_EQ(start_.type, "DATE");
  EXPECT_EQ(
      start_.schema.dump(),
      R"({"type":["string","null"],"format":"date","description":"The start of the day, in Europe/Berlin"})");
  EXPECT_EQ(start_.example.dump(), "\"2026-01-31\"");
  EXPECT_FALSE(rows_.nullable);
}

TEST_F(BucketDocs, Describe_ChosenGrainWithHours_HasTheColumnsType) {
  load("at", "grain: {param: grain}, timezone: {param: zone}");
  EXPECT_EQ(start_.type, "TIMESTAMPTZ");
  EXPECT_EQ(
      start_.schema["description"],
      "The start of the bucket, as long as the request chooses, in the time zone that the request chooses");
}

TEST_F(BucketDocs, Describe_WeeksOfADate_HaveNoZone) {
  load("day", "grain: week, week_start: sunday, fill: null");
  EXPECT_EQ(start_.schema["description"], "The start of the week, which begins on Sunday");
  EXPECT_TRUE(rows_.nullable) << "counts are null in buckets without rows";
}

}  // namespace
}  // namespace offloader::admin
