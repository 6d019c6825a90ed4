// Contracts with time buckets, compiled and answered by DuckDB from a small table.

#include <gtest/gtest.h>

#include <algorithm>

#include "offloader/catalog/load.h"
#include "offloader/duckdb/plan_statement.h"
#include "offloader/duckdb/testing/unlocked.h"
#include "offloader/query/compiler.h"
#include "offloader/rows/json_writer.h"

namespace offloader::duckdb {
namespace {

class Buckets : public ::testing::Test {
 protected:
  Buckets() : connection_(*Connection::open(testing::open_unlocked())) {
    EXPECT_TRUE(connection_.query("SET TimeZone = 'UTC'"));
    EXPECT_TRUE(connection_.query(
        "CREATE TABLE t (\"at\" TIMESTAMPTZ, plain TIMESTAMP, day DATE, kind VARCHAR, n BIGINT)"));
  }

  // Adds a row at an instant.
  void add(const std::string& at, const std::string& kind, const std::string& n) {
    const std::string instant = at == "NULL" ? at : "TIMESTAMPTZ '" + at + "+00'";
    const auto done =
        connection_.query("INSERT INTO t SELECT a, timezone('UTC', a), CAST(a AS DATE), '" + kind + "', " +
                          n + " FROM (SELECT CAST(" + instant + " AS TIMESTAMPTZ) AS a)");
    ASSERT_TRUE(done) << done.error().detail;
  }

  // The endpoint groups by `bucket` of the column, and by `kind` if `by_kind`.
  void serve(const std::string& bucket, const std::string& column = "at", bool by_kind = false) {
    const auto loaded = catalog::load_project_files(
        {{"offloader.yml", "version: 1\n"},
         {"datasets/d.yml",
          "id: d\nmanifest: m.json\nschema:\n  - {name: at, type: TIMESTAMPTZ}\n  - {name: plain, type: "
          "TIMESTAMP}\n"
          "  - {name: day, type: DATE}\n  - {name: kind, type: VARCHAR}\n  - {name: n, type: BIGINT}\n"},
         {"endpoints/e.yml",
          "name: e\nversion: 1\ndataset: d\nparams:\n"
          "  - {name: grain, type: enum, enum: [hour, day, week], default: day}\n"
          "  - {name: zone, type: enum, enum: [UTC, America/Havana, Pacific/Apia], default: UTC}\n"
          "  - {name: from, type: date}\n  - {name: to, type: date}\n  - {name: not_on, type: date}\n"
          "  - {name: kind, type: integer}\n  - {name: least, type: string}\n  - {name: since, type: "
          "timestamp}\n  - {name: until, type: "
          "timestamp}\n"
          "query:\n  select:\n    - {as: b, column: " +
              column + ", bucket: {" + bucket + "}}\n" + (by_kind ? "    - {as: kind, column: kind}\n" : "") +
              "    - {as: rows, column: kind, agg: count}\n    - {as: n, column: n, agg: sum}\n"
              "    - {as: most, column: n, agg: max}\n"
              "  filters:\n    - {column: " +
              column + ", op: gte, param: from}\n    - {column: " + column +
              ", op: lte, param: to}\n    - {column: " + column + ", op: ne, param: not_on}\n" +
              (column == "day" ? ""
                               : "    - {column: " + column + ", op: gt, param: since}\n    - {column: " +
                                     column + ", op: lt, param: until}\n") +
              "    - {column: n, op: eq, param: kind}\n" + "  group_by: [b" + (by_kind ? ", kind" : "") +
              "]\n  having: [{column: most, op: gte, param: least}]\n  order_by: [{column: b}]\ncolumns: "
              "[b, " +
              (by_kind ? "kind, " : "") +
              "rows, n, most]\npagination: {default_limit: 1000, max_limit: 1000}\n"}});
    ASSERT_NE(loaded.catalog, nullptr) << catalog::to_text(loaded.findings);
    const auto& endpoint = loaded.catalog->endpoints.at("e");
    compiler_ = query::make_compiler(endpoint, loaded.catalog->dataset_of(endpoint));
    for (const catalog::Column& each : loaded.catalog->datasets.at("d").schema) types_.push_back(each.type);
  }

  Result<std::string> ask(const std::string& request) {
    const auto params = query::decode_query_string(request);
    EXPECT_TRUE(params);
    const auto plan = compiler_->compile(*params, std::nullopt);
    if (!plan) return fail(plan.error());
    const auto statement = PlanStatement::prepare(connection_, *plan->shape, plan->never, "t", types_);
    EXPECT_TRUE(statement) << statement.error().detail;
    if (!statement) return fail(statement.error());
    rows::JsonWriter writer;
    if (const auto answered = statement->run(*plan, types_, writer); !answered) return fail(answered.error());
    EXPECT_TRUE(writer.finish());
    return writer.take().text;
  }
  std::string answer(const std::string& request) {
    const auto found = ask(request);
    EXPECT_TRUE(found) << found.error().message << " " << found.error().detail;
    return found ? *found : "";
  }
  // The buckets of an answer alone, between spaces.
  std::string buckets(const std::string& request) {
    const std::string text = answer(request);
    std::string out;
    for (std::size_t at = text.find("\"b\":"); at != std::string::npos; at = text.find("\"b\":", at + 1)) {
      std::string value = text.substr(at + 4, text.find(",", at) - at - 4);
      std::erase(value, '"');
      out += (out.empty() ? "" : " ") + value;
    }
    return out;
  }

  Connection connection_;
  std::shared_ptr<const query::Compiler> compiler_;
  std::vector<catalog::SizedType> types_;
};

TEST_F(Buckets, Fill_Zero_AddsWhatTheBoundsHave) {
  add("2026-01-02 10:00:00", "x", "5");
  add("2026-01-02 11:00:00", "x", "NULL");
  add("2026-01-04 00:00:00", "x", "NULL");
  serve("grain: day, fill: zero");
  EXPECT_EQ(
      answer("from=2026-01-01&to=2026-01-04"),
      R"([{"b":"2026-01-01","rows":0,"n":0,"most":null},{"b":"2026-01-02","rows":2,"n":5,"most":5},)"
      R"({"b":"2026-01-03","rows":0,"n":0,"most":null},{"b":"2026-01-04","rows":1,"n":null,"most":null}])")
      << "a sum of nulls stays null";
  EXPECT_EQ(buckets("from=2026-01-01"), "2026-01-01 2026-01-02 2026-01-03 2026-01-04")
      << "to the last that occurs";
  EXPECT_EQ(buckets(""), "2026-01-02 2026-01-03 2026-01-04");
  EXPECT_EQ(buckets("from=2026-01-05&to=2026-01-03"), "");
  EXPECT_EQ(buckets("from=2026-01-05&to=2026-01-06"), "2026-01-05 2026-01-06") << "no rows, both bounds";
  EXPECT_EQ(buckets("from=2026-01-05"), "") << "no rows, one bound";
  EXPECT_EQ(buckets("from=2026-01-01&to=2026-01-02&kind=99"), "2026-01-01 2026-01-02");
  EXPECT_EQ(buckets("from=2026-01-02&to=2026-01-04&not_on=2026-01-02"), "2026-01-02 2026-01-03 2026-01-04");
  EXPECT_EQ(buckets("from=2026-01-02&to=2026-01-04&limit=1&offset=1"), "2026-01-03") << "pages after filling";
}

TEST_F(Buckets, Fill_Null_LeavesEveryAggregateNull) {
  add("2026-01-01 00:00:00", "x", "1");
  serve("grain: day, fill: null", "day");
  EXPECT_EQ(
      answer("from=2026-01-01&to=2026-01-02"),
      R"([{"b":"2026-01-01","rows":1,"n":1,"most":1},{"b":"2026-01-02","rows":null,"n":null,"most":null}])");
}

TEST_F(Buckets, Fill_OtherGroups_AreFilledEach_AndNullStays) {
  add("2026-01-01 00:00:00", "x", "1");
  add("2026-01-03 00:00:00", "y", "2");
  add("NULL", "z", "3");
  serve("grain: day, fill: zero", "plain", true);
  EXPECT_EQ(answer(""), R"([{"b":"2026-01-01","kind":"x","rows":1,"n":1,"most":1},)"
                        R"({"b":"2026-01-01","kind":"y","rows":0,"n":0,"most":null},)"
                        R"({"b":"2026-01-01","kind":"z","rows":0,"n":0,"most":null},)"
                        R"({"b":"2026-01-02","kind":"x","rows":0,"n":0,"most":null},)"
                        R"({"b":"2026-01-02","kind":"y","rows":0,"n":0,"most":null},)"
                        R"({"b":"2026-01-02","kind":"z","rows":0,"n":0,"most":null},)"
                        R"({"b":"2026-01-03","kind":"x","rows":0,"n":0,"most":null},)"
                        R"({"b":"2026-01-03","kind":"y","rows":1,"n":2,"most":2},)"
                        R"({"b":"2026-01-03","kind":"z","rows":0,"n":0,"most":null},)"
                        R"({"b":null,"kind":"z","rows":1,"n":3,"most":3}])");
  EXPECT_EQ(answer("from=2027-01-01&to=2027-01-02"), "[]") << "no combination occurs";
}

TEST_F(Buckets, Hours_DaylightSavingEnds_OccurTwice) {
  add("2026-10-25 00:30:00", "x", "1");
  add("2026-10-25 01:30:00", "x", "2");
  serve("grain: hour, timezone: Europe/Berlin, fill: zero", "plain");
  const std::string day = buckets("from=2026-10-25&to=2026-10-25");
  EXPECT_EQ(std::ranges::count(day, ' '), 24) << day;
  EXPECT_TRUE(
      day.starts_with("2026-10-24T22:00:00 2026-10-24T23:00:00 2026-10-25T00:00:00 2026-10-25T01:00:00"))
      << day;
  EXPECT_EQ(std::ranges::count(buckets("from=2026-03-29&to=2026-03-29"), ' '), 22) << "a day of 23 hours";
}

TEST_F(Buckets, Hours_HalfAnHourOccursTwice_IsABucketOfItsOwn) {
  add("2026-04-04 15:10:00", "x", "1");
  serve("grain: hour, timezone: Australia/Lord_Howe, fill: zero");
  // At 2:00 the clocks go back to 1:30. The second 1:30 begins, by its minutes, at the first one.
  EXPECT_TRUE(
      buckets("from=2026-04-05&to=2026-04-05")
          .starts_with("2026-04-04T13:00:00Z 2026-04-04T14:00:00Z 2026-04-04T14:30:00Z 2026-04-04T15:30:00Z"))
      << buckets("from=2026-04-05&to=2026-04-05");
  EXPECT_EQ(buckets("since=2026-04-04T15:00:00Z"), "2026-04-04T14:30:00Z") << "the last one that occurs";
  EXPECT_EQ(buckets("since=2026-04-04T13:59:00Z&until=2026-04-04T15:20:00Z&kind=99"),
            "2026-04-04T13:00:00Z 2026-04-04T14:00:00Z 2026-04-04T14:30:00Z")
      << "without rows";
}

TEST_F(Buckets, Days_MidnightOccursTwice_IsOneDay) {
  add("2024-11-03 03:59:59", "before", "1");
  add("2024-11-03 04:00:00", "first midnight", "2");
  add("2024-11-03 05:00:00", "second midnight", "4");
  add("2024-11-04 04:59:59", "end", "8");
  add("2024-11-04 05:00:00", "after", "16");
  serve("grain: {param: grain}, timezone: {param: zone}");
  const std::string zone = "zone=America/Havana&";
  EXPECT_EQ(answer(zone + "from=2024-11-03&to=2024-11-03"),
            R"([{"b":"2024-11-03T04:00:00Z","rows":3,"n":14,"most":8}])");
  EXPECT_EQ(buckets(zone), "2024-11-02T04:00:00Z 2024-11-03T04:00:00Z 2024-11-04T05:00:00Z");
  EXPECT_EQ(buckets(zone + "not_on=2024-11-03"), "2024-11-02T04:00:00Z 2024-11-04T05:00:00Z");
  EXPECT_EQ(buckets(zone + "grain=hour&from=2024-11-03&to=2024-11-03"),
            "2024-11-03T04:00:00Z 2024-11-03T05:00:00Z 2024-11-04T04:00:00Z");
  EXPECT_EQ(buckets("from=2024-11-03&to=2024-11-03"), "2024-11-03T00:00:00Z") << "UTC by default";
}

TEST_F(Buckets, Fill_DayThatWasSkipped_IsNoBucket) {
  serve("grain: {param: grain}, timezone: {param: zone}, fill: zero");
  EXPECT_EQ(buckets("zone=Pacific/Apia&from=2011-12-29&to=2011-12-31"),
            "2011-12-29T10:00:00Z 2011-12-30T10:00:00Z");
  serve("grain: day, timezone: Pacific/Apia, fill: zero");
  EXPECT_EQ(buckets("from=2011-12-29&to=2011-12-31"), "2011-12-29 2011-12-31");
}

TEST_F(Buckets, Weeks_FromSunday_BeginOnSunday) {
  add("2026-01-03 12:00:00", "saturday", "1");
  add("2026-01-04 12:00:00", "sunday", "2");
  serve("grain: week, week_start: sunday");
  EXPECT_EQ(buckets(""), "2025-12-28 2026-01-04");
  serve("grain: week");
  EXPECT_EQ(buckets(""), "2025-12-29");
  serve("grain: quarter, fill: zero", "day");
  EXPECT_EQ(buckets("from=2025-03-31&to=2026-01-01"),
            "2025-01-01 2025-04-01 2025-07-01 2025-10-01 2026-01-01");
}

TEST_F(Buckets, Fill_BoundsInTheWrongOrderWithinABucket_AddsNothing) {
  serve("grain: quarter, fill: zero", "day");
  EXPECT_EQ(buckets("from=2026-02-03&to=2026-02-03"), "2026-01-01");
  EXPECT_EQ(buckets("from=2026-02-03&to=2026-02-02"), "");
  serve("grain: week, timezone: America/Havana, fill: zero");
  EXPECT_EQ(buckets("from=2026-02-04&to=2026-02-03"), "");
  // The day begins at 05:00 in UTC.
  EXPECT_EQ(buckets("from=2026-02-04&until=2026-02-04T05:00:00.000001Z"), "2026-02-02");
  EXPECT_EQ(buckets("from=2026-02-04&until=2026-02-04T05:00:00Z"), "");
  serve("grain: hour, timezone: America/Havana, fill: zero");
  EXPECT_EQ(buckets("since=2026-02-04T05:10:00Z&until=2026-02-04T05:50:00Z"), "2026-02-04T05:00:00Z");
  EXPECT_EQ(buckets("since=2026-02-04T05:50:00Z&until=2026-02-04T05:10:00Z"), "");
}

TEST_F(Buckets, Fill_TooManyBuckets_IsRefusedBeforeTheyAreMade) {
  add("1800-01-01 00:00:00", "x", "1");
  add("2026-01-01 00:00:00", "y", "2");
  const auto refused = [&](const std::string& request) {
    const auto found = ask(request);
    EXPECT_FALSE(found) << request;
    return found ? "" : std::string(name_of(found.error().code)) + ": " + found.error().message;
  };
  const std::string by_rows = "invalid_param: the answer would have more than 100,000 buckets";
  serve("grain: hour, fill: zero");
  EXPECT_EQ(refused(""), by_rows);
  serve("grain: hour, timezone: Europe/Berlin, fill: zero");
  EXPECT_EQ(refused(""), by_rows);
  EXPECT_EQ(refused("from=1990-01-01&to=2026-01-01"),
            "invalid_param: param `from` bounds a range of more than 100,000 buckets");
  serve("grain: day, fill: zero", "day", true);
  EXPECT_EQ(refused(""), by_rows) << "82,545 days of two groups";
  for (const char* const least : {"1", "3", "99999999999999999999"})
    EXPECT_EQ(refused("least=" + std::string(least)), by_rows) << "also if none of them is in the answer";
  serve("grain: day, fill: zero", "day");
  EXPECT_TRUE(ask(""));
  serve("grain: week, fill: zero", "day", true);
  EXPECT_TRUE(ask(""));
}

}  // namespace
}  // namespace offloader::duckdb
