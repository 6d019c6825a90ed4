#include "offloader/query/bucket.h"

#include <gtest/gtest.h>

#include "offloader/base/timestamp.h"
#include "offloader/catalog/load.h"
#include "offloader/query/compiler.h"

namespace offloader::query {
namespace {

using catalog::Fill;
using catalog::Grain;
using catalog::WeekStart;

std::int64_t day(std::string_view text) {
  return *parse_date(text);
}

std::string text_of(std::int64_t day) {
  std::string out;
  append_date(out, static_cast<std::int32_t>(day));
  return out;
}

std::string cut(Grain grain, std::string_view text, WeekStart week = WeekStart::monday) {
  return text_of(bucket_day(grain, week, day(text)));
}

TEST(BucketDay, Cut_EachGrain_IsItsFirstDay) {
  EXPECT_EQ(cut(Grain::day, "2024-02-29"), "2024-02-29");
  EXPECT_EQ(cut(Grain::week, "2024-02-29"), "2024-02-26");
  EXPECT_EQ(cut(Grain::week, "2024-02-25"), "2024-02-19");
  EXPECT_EQ(cut(Grain::week, "2024-02-25", WeekStart::sunday), "2024-02-25");
  EXPECT_EQ(cut(Grain::week, "2024-02-24", WeekStart::sunday), "2024-02-18");
  EXPECT_EQ(cut(Grain::month, "2024-02-29"), "2024-02-01");
  EXPECT_EQ(cut(Grain::quarter, "2024-02-29"), "2024-01-01");
  EXPECT_EQ(cut(Grain::quarter, "2024-12-31"), "2024-10-01");
  EXPECT_EQ(cut(Grain::year, "2024-12-31"), "2024-01-01");
  EXPECT_EQ(cut(Grain::week, "1969-12-28"), "1969-12-22");
  EXPECT_EQ(cut(Grain::month, "0000-02-29"), "0000-02-01");
}

TEST(BucketDay, Number_EveryDayOfCenturies_IsThatOfItsFirstDay) {
  for (const Grain grain : {Grain::day, Grain::week, Grain::month, Grain::quarter, Grain::year}) {
    for (const WeekStart week : {WeekStart::monday, WeekStart::sunday}) {
      std::int64_t number = bucket_number(grain, week, day("1890-03-05"));
      for (std::int64_t at = day("1890-03-05"); at < day("2110-01-01"); ++at) {
        if (at == first_day_of(grain, week, number + 1)) ++number;
        ASSERT_EQ(bucket_number(grain, week, at), number) << name_of(grain) << " " << text_of(at);
        ASSERT_EQ(bucket_day(grain, week, at), first_day_of(grain, week, number)) << text_of(at);
      }
    }
  }
}

TEST(BucketDay, Cut_Months_AgreeWithTheTextOfTheDate) {
  for (std::int64_t at = day("1599-12-01"); at < day("2401-02-01"); ++at) {
    ASSERT_EQ(text_of(bucket_day(Grain::month, {}, at)), text_of(at).substr(0, 8) + "01");
    ASSERT_EQ(text_of(bucket_day(Grain::year, {}, at)), text_of(at).substr(0, 5) + "01-01");
  }
}

TEST(LeastBuckets, Count_FixedZone_IsExact) {
  const AxisBounds days{.first_day = Date{0}, .last_day = Date{9}};
  EXPECT_EQ(least_buckets(days, {.grain = Grain::day}), 10);
  EXPECT_EQ(least_buckets(days, {.grain = Grain::hour, .zone = "Etc/GMT+5"}), 240);
  EXPECT_EQ(least_buckets({.first = Timestamp{kMicrosPerHour - 1}, .last = Timestamp{kMicrosPerHour}},
                          {.grain = Grain::hour}),
            2);
  EXPECT_EQ(least_buckets({.first_day = Date{9}, .last_day = Date{0}}, {.grain = Grain::day}), 0);
  EXPECT_EQ(least_buckets({.first_day = Date{9}}, {.grain = Grain::day}), std::nullopt);
}

TEST(LeastBuckets, Count_BoundsInTheWrongOrderWithinABucket_IsNone) {
  const Bucket months{.grain = Grain::month};
  EXPECT_EQ(least_buckets({.first_day = Date{9}, .last_day = Date{9}}, months), 1);
  EXPECT_EQ(least_buckets({.first_day = Date{9}, .last_day = Date{8}}, months), 0);
  EXPECT_EQ(least_buckets({.first = Timestamp{9}, .last = Timestamp{9}}, {.grain = Grain::hour}), 1);
  EXPECT_EQ(least_buckets({.first = Timestamp{9}, .last = Timestamp{8}}, {.grain = Grain::hour}), 0);
  // West of UTC, the day begins later.
  const AxisBounds mixed{.first_day = Date{9}, .last = Timestamp{9 * kMicrosPerDay + 5 * kMicrosPerHour}};
  EXPECT_EQ(least_buckets(mixed, months), 1);
  EXPECT_EQ(least_buckets(mixed, {.grain = Grain::month, .zone = "Etc/GMT+5"}), 1);
  EXPECT_EQ(least_buckets(mixed, {.grain = Grain::month, .zone = "Etc/GMT+6"}), 0);
}

TEST(LeastBuckets, Count_ZoneWithHistory_IsNeverTooHigh) {
  const AxisBounds days{.first_day = Date{0}, .last_day = Date{99}};
  EXPECT_LE(*least_buckets(days, {.grain = Grain::day, .zone = "Pacific/Apia"}), 99);
  EXPECT_GE(*least_buckets(days, {.grain = Grain::day, .zone = "Pacific/Apia"}), 97);
  EXPECT_LE(*least_buckets(days, {.grain = Grain::hour, .zone = "Europe/Berlin"}), 2399);
}

class BucketPlans : public testing::Test {
 protected:
  static std::shared_ptr<const Compiler> compiler(const std::string& bucket, const std::string& column = "at",
                                                  const std::string& count = "count",
                                                  const std::string& groups = "[at]") {
    const auto loaded = catalog::load_project_files(
        {{"offloader.yml", "version: 1\n"},
         {"datasets/d.yml", "id: d\nmanifest: m.json\nschema:\n  - {name: at, type: TIMESTAMP}\n"},
         {"endpoints/e.yml",
          "name: e\nversion: 1\ndataset: d\nparams:\n"
          "  - {name: grain, type: enum, enum: [day, week], default: day}\n"
          "  - {name: zone, type: enum, enum: [UTC, Etc/GMT, Asia/Tokyo, Etc/GMT-9], default: UTC}\n"
          "  - {name: from, type: date}\n"
          "query:\n  select:\n    - {as: at, column: " +
              column + bucket + "}\n    - {as: n, column: at, agg: " + count +
              "}\n"
              "  filters: [{column: at, op: gte, param: from}]\n"
              "  group_by: " +
              groups + "\ncolumns: [at, n]\n"}});
    if (loaded.catalog == nullptr) {
      ADD_FAILURE() << catalog::to_text(loaded.findings);
      return nullptr;
    }
    const auto& endpoint = loaded.catalog->endpoints.at("e");
    return make_compiler(endpoint, loaded.catalog->dataset_of(endpoint));
  }
  static std::string key(const Compiler& compiler, const Params& params) {
    std::string out;
    append_canonical(out, *compiler.compile(params, std::nullopt));
    return out;
  }
  static constexpr const char* kChosen =
      ", bucket: {grain: {param: grain}, timezone: {param: zone}, fill: zero}";
};

TEST_F(BucketPlans, Canonical_OtherGrainZoneOrBounds_IsAnotherForm) {
  const auto chosen = compiler(kChosen);
  const std::string plain = key(*chosen, {});
  EXPECT_EQ(key(*chosen, {{.name = "grain", .value = "day"}}), plain);
  EXPECT_EQ(key(*chosen, {{.name = "zone", .value = "Etc/GMT"}}), plain) << "UTC by another name";
  EXPECT_NE(key(*chosen, {{.name = "grain", .value = "week"}}), plain);
  EXPECT_NE(key(*chosen, {{.name = "zone", .value = "Asia/Tokyo"}}), plain);
  EXPECT_NE(key(*chosen, {{.name = "zone", .value = "Etc/GMT-9"}}), plain);
  EXPECT_NE(key(*chosen, {{.name = "from", .value = "2026-01-01"}}), plain);
}

// Whether the answer has the bucket or not, its zone says which days the filters of its column mean.
TEST_F(BucketPlans, Canonical_OtherZoneOfDaysWithoutTheBucket_IsAnotherForm) {
  const std::string groups = "{choose: [at], default: [], max: 1}";
  const SentParam from{.name = "from", .value = "2026-01-01"};
  const SentParam tokyo{.name = "zone", .value = "Asia/Tokyo"};
  const SentParam nine{.name = "zone", .value = "Etc/GMT-9"};
  const auto filtered = compiler(kChosen, "at", "count", groups);
  EXPECT_NE(key(*filtered, {from, tokyo}), key(*filtered, {from, nine}));
  EXPECT_NE(key(*filtered, {from, tokyo}), key(*filtered, {from}));
  EXPECT_EQ(key(*filtered, {tokyo}), key(*filtered, {nine})) << "no day is compared";
  const auto measured =
      compiler(kChosen, "at", "count, where: [{column: at, op: gte, value: '2026-01-01'}]", groups);
  EXPECT_NE(key(*measured, {tokyo}), key(*measured, {nine}));
}

TEST_F(BucketPlans, Compile_AnotherChoice_HasAShapeOfItsOwn) {
  const auto chosen = compiler(kChosen);
  const auto shape = [&](const Params& params) { return chosen->compile(params, std::nullopt)->shape; };
  const auto week = shape({{.name = "grain", .value = "week"}});
  EXPECT_NE(week, shape({}));
  EXPECT_EQ(week, shape({{.name = "grain", .value = "week"}}));
  EXPECT_EQ(week->projections[0].bucket->grain, Grain::week);
  EXPECT_EQ(shape({})->projections[0].bucket->grain, Grain::day);
}

TEST_F(BucketPlans, Fingerprint_EachPartOfABucket_ChangesIt) {
  std::set<std::string> fingerprints;
  const std::vector<std::string> buckets = {"",
                                            ", bucket: {grain: day}",
                                            ", bucket: {grain: week}",
                                            ", bucket: {grain: week, week_start: sunday}",
                                            ", bucket: {grain: day, timezone: Asia/Tokyo}",
                                            ", bucket: {grain: day, fill: null}",
                                            ", bucket: {grain: day, fill: zero}",
                                            ", bucket: {grain: {param: grain}}",
                                            ", bucket: {grain: day, timezone: {param: zone}}"};
  for (const std::string& bucket : buckets) fingerprints.insert(compiler(bucket)->fingerprint());
  EXPECT_EQ(fingerprints.size(), buckets.size());
}

}  // namespace
}  // namespace offloader::query
