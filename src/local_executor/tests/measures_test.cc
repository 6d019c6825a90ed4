// Aggregates with details, expressions and conditions on groups, by the index and by DuckDB.
#include "index_scene.h"
#include "offloader/catalog/load.h"
#include "offloader/query/compiler.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;

constexpr const char* kDataset =
    "id: d\nmanifest: m.json\nschema:\n  - {name: grp, type: VARCHAR}\n  - {name: small, type: INTEGER}\n"
    "  - {name: big, type: BIGINT}\n  - {name: paid, type: \"DECIMAL(12,2)\"}\n  - {name: real, type: "
    "DOUBLE}\n"
    "  - {name: moment, type: TIMESTAMP}\n";
const std::vector<catalog::Column> kSchema = {
    {"grp", ColumnType::varchar},  {"small", ColumnType::integer},
    {"big", ColumnType::bigint},   {"paid", catalog::decimal_type(12, 2)},
    {"real", ColumnType::float64}, {"moment", ColumnType::timestamp}};

class Measures : public IndexScene {
 protected:
  void SetUp() override {
    IndexScene::SetUp();
    run("CREATE TABLE t (grp VARCHAR, small INTEGER, big BIGINT, paid DECIMAL(12,2), real DOUBLE, moment "
        "TIMESTAMP)");
    run("INSERT INTO t VALUES"
        " ('a', 1, 9007199254740993, 10.25, 0.0, '2026-01-01 00:00:00'),"
        " ('a', 2, 9223372036854775807, 0.75, 1.0, '2026-01-02 12:00:00'),"
        " ('a', NULL, 9223372036854775807, -1.00, NULL, '2026-01-02 12:00:00'),"
        " ('b', 7, 0, NULL, 1.7e308, NULL),"
        " ('b', 7, 1, 99999.99, 1.7e308, '1969-12-31 23:59:59'),"
        " (NULL, NULL, NULL, NULL, NULL, NULL)");
  }

  // Compiles a request of an endpoint with this `query` and these columns.
  query::Plan plan(const std::string& query, const std::string& columns, const query::Params& params = {},
                   const std::string& declared = "") {
    const auto loaded = catalog::load_project_files(
        {{"offloader.yml", "version: 1\nauth: none\n"},
         {"datasets/d.yml", kDataset},
         {"endpoints/e.yml", "name: e\nversion: 1\ndataset: d\n" + declared + "query:\n" + query +
                                 "columns: [" + columns + "]\n"}});
    EXPECT_TRUE(loaded.catalog) << to_text(loaded.findings);
    const catalog::Endpoint& endpoint = loaded.catalog->endpoints.begin()->second;
    auto compiled = query::make_compiler(endpoint, loaded.catalog->dataset_of(endpoint))->compile(params, {});
    EXPECT_TRUE(compiled) << compiled.error().message;
    return *compiled;
  }

  // Returns the rows, if both give the same ones.
  std::string both(const query::Plan& plan) {
    const auto reader = index(kSchema, 0);
    const index::Lookup lookup = look_up(plan, *reader);
    EXPECT_TRUE(lookup.supported);
    const auto actual = execute_as_json(plan, *reader, lookup);
    const auto expected = by_renderer(plan);
    EXPECT_TRUE(actual) << actual.error().detail;
    EXPECT_TRUE(expected) << expected.error().detail;
    if (!actual || !expected) return "";
    EXPECT_EQ(actual->json, expected->json);
    return expected->json;
  }
};

TEST_F(Measures, Where_RowsOfAGroup_AreLeftOutOfThatAggregateAlone) {
  EXPECT_EQ(both(plan("  select:\n"
                      "    - {as: grp, column: grp}\n"
                      "    - {as: n, column: \"*\", agg: count}\n"
                      "    - {as: late, column: \"*\", agg: count, where: [{column: moment, op: gte, value: "
                      "2026-01-02}]}\n"
                      "    - {as: paid, column: paid, agg: sum, where: [{column: small, op: in, values: [1, "
                      "7]}, {column: real, op: is_null, value: false}]}\n"
                      "  group_by: [grp]\n",
                      "grp, n, late, paid")),
            R"([{"grp":"a","n":3,"late":2,"paid":10.25},{"grp":"b","n":2,"late":0,"paid":99999.99},)"
            R"({"grp":null,"n":1,"late":0,"paid":null}])");
}

TEST_F(Measures, FirstAndLast_Ties_TakeTheSmallestValueThatIsNotNull) {
  EXPECT_EQ(
      both(plan(
          "  select:\n"
          "    - {as: grp, column: grp}\n"
          "    - {as: f, column: small, agg: first, by: moment}\n"
          "    - {as: l, column: small, agg: last, by: moment}\n"
          "    - {as: n, column: small, agg: last, by: moment, where: [{column: paid, op: lt, value: 0}]}\n"
          "    - {as: d, column: big, agg: count_distinct}\n"
          "  group_by: [grp]\n",
          "grp, f, l, n, d")),
      R"([{"grp":"a","f":1,"l":2,"n":null,"d":2},{"grp":"b","f":7,"l":7,"n":null,"d":2},)"
      R"({"grp":null,"f":null,"l":null,"n":null,"d":0}])");
}

TEST_F(Measures, Expression_Numbers_AreRoundedOnce) {
  EXPECT_EQ(both(plan("  select:\n"
                      "    - {as: grp, column: grp}\n"
                      "    - {as: least, column: big, agg: min}\n"
                      "    - {as: total, column: big, agg: sum}\n"
                      "    - {as: paid, column: paid, agg: sum}\n"
                      "    - {as: zero, column: real, agg: min}\n"
                      "    - {as: much, column: real, agg: sum}\n"
                      "    - {as: a, expr: least / 1}\n"
                      "    - {as: b, expr: total / 1}\n"
                      "    - {as: c, expr: paid - 0.125 * least}\n"
                      "    - {as: d, expr: -zero}\n"
                      "    - {as: e, expr: 1 / (1 / zero)}\n"
                      "    - {as: f, expr: much}\n"
                      "  group_by: [grp]\n",
                      "grp, least, total, paid, zero, much, a, b, c, d, e, f")),
            R"([{"grp":"a","least":9007199254740993,"total":18455751272964292607,"paid":10.00,"zero":0.0,)"
            R"("much":1.0,"a":9007199254740992.0,"b":1.8455751272964293e+19,"c":-1125899906842614.125,)"
            R"("d":0.0,"e":null,"f":1.0},)"
            R"({"grp":"b","least":0,"total":1,"paid":99999.99,"zero":1.7e+308,"much":null,"a":0.0,"b":1.0,)"
            R"("c":99999.990,"d":-1.7e+308,"e":1.6999999999999995e+308,"f":null},)"
            R"({"grp":null,"least":null,"total":null,"paid":null,"zero":null,"much":null,"a":null,"b":null,)"
            R"("c":null,"d":null,"e":null,"f":null}])");
}

TEST_F(Measures, Expression_MoreThan38Digits_IsInternal) {
  for (const char* expression : {"total * 10000000000000000000", "total * total + n", "n - total * total"}) {
    const query::Plan wide = plan(std::string("  select:\n"
                                              "    - {as: n, column: \"*\", agg: count}\n"
                                              "    - {as: total, column: big, agg: sum}\n"
                                              "    - {as: x, expr: ") +
                                      expression + "}\n",
                                  "n, total, x");
    const auto reader = index(kSchema, 0);
    const auto actual = execute_as_json(wide, *reader);
    const auto expected = by_renderer(wide);
    ASSERT_FALSE(actual) << expression;
    ASSERT_FALSE(expected) << expression;
    EXPECT_EQ(actual.error().code, ErrorCode::internal);
    EXPECT_EQ(expected.error().code, ErrorCode::internal);
    EXPECT_EQ(actual.error().message, expected.error().message);
  }
}

TEST_F(Measures, Expression_LongestAndDeepest_IsAnswered) {
  const auto answer = [&](const std::string& expression) {
    return both(
        plan("  select:\n"
             "    - {as: n, column: \"*\", agg: count}\n"
             "    - {as: p, column: paid, agg: sum}\n"
             "    - {as: x, expr: " +
                 expression + "}\n",
             "x, n, p"));
  };
  std::string sum = "p";
  for (std::size_t i = 1; i < catalog::kMostExpressionValues; ++i) sum += "+n";
  EXPECT_EQ(answer(sum), R"([{"n":6,"p":100009.99,"x":100387.99}])");
  std::string quotient = "p";
  for (std::size_t i = 1; i < catalog::kMostExpressionValues; ++i) quotient += "/n";
  EXPECT_FALSE(answer(quotient).empty());
  std::string nested = "n";
  for (std::size_t i = 0; i < catalog::kMostExpressionDepth; ++i) nested = "p/(" + nested + ")";
  EXPECT_EQ(answer(nested), R"([{"n":6,"p":100009.99,"x":6.0}])");
}

TEST_F(Measures, Having_AggregatesOfEveryType_DropsGroups) {
  const std::string select =
      "  select:\n"
      "    - {as: grp, column: grp}\n"
      "    - {as: n, column: \"*\", agg: count}\n"
      "    - {as: paid, column: paid, agg: sum}\n"
      "    - {as: last_at, column: moment, agg: max}\n"
      "    - {as: name, column: grp, agg: min}\n"
      "    - {as: share, expr: paid / n}\n"
      "  group_by: [grp]\n  having:\n";
  const std::string columns = "grp, n, paid, last_at, name, share";
  const auto groups = [&](const std::string& condition) {
    const std::string json = both(plan(select + "    - {column: " + condition + "}\n", columns));
    std::string names;
    for (const char* name : {"\"a\",\"n", "\"b\",\"n", "null,\"n"}) {
      if (json.find(std::string("\"grp\":") + name) != std::string::npos)
        names += name[0] == '"' ? name[1] : '0';
    }
    return names;
  };
  EXPECT_EQ(groups("n, op: gte, value: 2"), "ab");
  EXPECT_EQ(groups("n, op: lt, value: 2"), "0");
  EXPECT_EQ(groups("paid, op: lte, value: \"10.004\""), "a");
  EXPECT_EQ(groups("paid, op: gt, value: \"9.999\""), "ab");
  EXPECT_EQ(groups("paid, op: eq, value: \"10.001\""), "");
  EXPECT_EQ(groups("paid, op: ne, value: \"10.001\""), "ab");
  EXPECT_EQ(groups("last_at, op: eq, value: 2026-01-02"), "a");
  EXPECT_EQ(groups("last_at, op: ne, value: 2026-01-02"), "b");
  EXPECT_EQ(groups("last_at, op: lte, value: 1969-12-31"), "b");
  EXPECT_EQ(groups("name, op: gt, value: a"), "b");
  EXPECT_EQ(groups("share, op: gte, value: 3.3333333333333335"), "ab");
  EXPECT_EQ(groups("share, op: gt, value: 3.3333333333333335"), "b");
}

TEST_F(Measures, Having_ParamThatIsAbsent_KeepsAllGroups) {
  const std::string query =
      "  select:\n    - {as: grp, column: grp}\n    - {as: n, column: \"*\", agg: count}\n"
      "  group_by: [grp]\n  having:\n    - {column: n, op: gte, param: least}\n";
  const std::string declared = "params:\n  - {name: least, type: number}\n";
  EXPECT_EQ(both(plan(query, "grp, n", {}, declared)),
            R"([{"grp":"a","n":3},{"grp":"b","n":2},{"grp":null,"n":1}])");
  EXPECT_EQ(both(plan(query, "grp, n", {{"least", "2.5"}}, declared)), R"([{"grp":"a","n":3}])");
  EXPECT_EQ(both(plan(query, "grp, n", {{"least", "99999999999999999999"}}, declared)), "[]");
  EXPECT_EQ(both(plan(query, "grp, n", {{"least", "-99999999999999999999"}, {"limit", "1"}}, declared)),
            R"([{"grp":"a","n":3}])");
}

TEST_F(Measures, Quantile_AnyShare_IsExactAndLeftToDuckDb) {
  const query::Plan shares = plan(
      "  select:\n    - {as: m, column: small, agg: median}\n"
      "    - {as: c, column: small, agg: quantile, q: 0.25}\n"
      "    - {as: d, column: paid, agg: quantile, q: 0.5, method: disc}\n"
      "    - {as: none, column: small, agg: median, where: [{column: small, op: gt, value: 100}]}\n",
      "m, c, d, none");
  EXPECT_FALSE(look_up(shares, *index(kSchema, 0)).supported);
  const auto rows = by_renderer(shares);
  ASSERT_TRUE(rows) << rows.error().detail;
  EXPECT_EQ(rows->json, R"([{"m":4.5,"c":1.75,"d":0.75,"none":null}])");
}

// A snapshot may store a column in a wider type than the contract declares.
TEST_F(Measures, Expression_WiderColumn_KeepsItsDigits) {
  run("ALTER TABLE t ALTER small TYPE DECIMAL(12,2) USING small + 0.25");
  const query::Plan exact = plan(
      "  select:\n    - {as: grp, column: grp}\n    - {as: s, column: small, agg: sum}\n"
      "    - {as: x, expr: s * 2}\n  group_by: [grp]\n  having:\n    - {column: x, op: gt, value: 7}\n"
      "    - {column: s, op: lt, value: 15}\n",
      "grp, s, x");
  std::vector<catalog::SizedType> types;
  for (const catalog::Column& column : kSchema) types.push_back(column.type);
  types[1] = catalog::decimal_type(12, 2);
  const auto rows = by_renderer(exact, types);
  ASSERT_TRUE(rows) << rows.error().detail;
  EXPECT_EQ(rows->json, R"([{"grp":"b","s":14.50,"x":29.00}])");
}

TEST_F(Measures, Sum_Of10ToThe38OrMore_IsInternal) {
  run("CREATE OR REPLACE TABLE t AS SELECT 'a' AS grp, 1 AS small, 1::BIGINT AS big, "
      "99999999999999999999999999999999999999::DECIMAL(38,0) AS paid, 1.0::DOUBLE AS real, NULL::TIMESTAMP "
      "AS "
      "moment FROM range(2)");
  std::vector<catalog::SizedType> types;
  for (const catalog::Column& column : kSchema) types.push_back(column.type);
  types[3] = catalog::decimal_type(38, 0);
  for (const char* more : {"", "    - {as: x, expr: s + 1}\n", "    - {as: y, column: small, agg: max}\n"}) {
    const std::string line = more;
    const std::string columns = line.empty() ? "s" : line.find("x,") != std::string::npos ? "s, x" : "s, y";
    const auto rows =
        by_renderer(plan("  select:\n    - {as: s, column: paid, agg: sum}\n" + line, columns), types);
    ASSERT_FALSE(rows) << more;
    EXPECT_EQ(rows.error().code, ErrorCode::internal);
  }
}

TEST_F(Measures, CountDistinct_MoreThanTheIndexRemembers_IsTooLarge) {
  run("CREATE OR REPLACE TABLE t AS SELECT 'a' AS grp, 1 AS small, range AS big, 1::DECIMAL(12,2) AS paid, "
      "1.0::DOUBLE AS real, NULL::TIMESTAMP AS moment FROM range(1048577)");
  const query::Plan distinct = plan("  select:\n    - {as: n, column: big, agg: count_distinct}\n", "n");
  const auto actual = execute_as_json(distinct, *index(kSchema, 0));
  ASSERT_FALSE(actual);
  EXPECT_EQ(actual.error().code, ErrorCode::too_large);
  EXPECT_EQ(by_renderer(distinct)->json, R"([{"n":1048577}])");
}

}  // namespace
}  // namespace offloader::local_executor
