#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <random>
#include <set>
#include <sstream>

#include "duckdb_handle.h"
#include "sql_render.h"

namespace offloader::duckdb {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;
using query::Comparison;

query::PlanShape sales() {
  query::PlanShape shape;
  shape.schema = {{"tenant", ColumnType::varchar}, {"day", ColumnType::date}, {"clicks", ColumnType::integer},
                  {"spend", ColumnType::float64},  {"doc", ColumnType::json}, {"order", ColumnType::bigint}};
  shape.tenant_scoped = true;
  shape.conditions = {{0, ColumnType::varchar, Comparison::eq}};
  return shape;
}

query::PlanShape page() {
  auto shape = sales();
  shape.conditions.push_back({1, ColumnType::date, Comparison::ge});
  shape.conditions.push_back({1, ColumnType::date, Comparison::lt});
  shape.projections = {
      {"day", 1, ColumnType::date, {}}, {"n", 2, ColumnType::integer, {}}, {"doc", 4, ColumnType::json, {}}};
  shape.order = {{1, true}, {0, false}, {2, false}};
  return shape;
}

query::PlanShape totals() {
  auto shape = sales();
  shape.aggregated = true;
  shape.projections = {{"day", 1, ColumnType::date, {}},
                       {"total", 2, ColumnType::integer, Aggregate::sum},
                       {"mean", 3, ColumnType::float64, Aggregate::avg},
                       {"first", 2, ColumnType::integer, Aggregate::min},
                       {"last", 2, ColumnType::integer, Aggregate::max},
                       {"count", 4, ColumnType::json, Aggregate::count}};
  shape.group_by = {0};
  shape.order = {{1, true}, {0, false}};
  return shape;
}

catalog::Expression expression(std::string_view text, const query::PlanShape& shape) {
  return *catalog::parse_expression(
      text, [&](std::string_view name) -> tl::expected<catalog::ExpressionPart, catalog::ExpressionError> {
        std::size_t at = 0;
        while (shape.projections[at].as != name) ++at;
        return catalog::ExpressionPart{at, result_type(shape.projections[at])};
      });
}

query::PlanShape measures() {
  auto shape = sales();
  shape.schema.push_back({"paid", catalog::decimal_type(18, 2)});
  shape.aggregated = true;
  const query::Condition expensive{3, ColumnType::float64, Comparison::gt};
  const query::Condition listed{1, ColumnType::date, query::Among{.negated = true}};
  const auto add = [&](const char* as, std::size_t column, Aggregate aggregate, query::Measure measure) {
    query::Projection projection{as, column, shape.schema[column].type, aggregate};
    projection.measure = std::move(measure);
    shape.projections.push_back(std::move(projection));
  };
  shape.projections.push_back({"half", 0, ColumnType::float64, {}});  // its expression follows
  shape.projections.push_back({"day", 1, ColumnType::date, {}});
  add("rows", 0, Aggregate::count, {.rows = true});
  add("dear", 0, Aggregate::count, {.rows = true, .where = {expensive}});
  add("clicks", 2, Aggregate::sum, {.where = {expensive, listed}});
  add("paid", 6, Aggregate::sum, {});
  add("never", 3, Aggregate::avg, {.where = {expensive}, .never = true});
  add("different", 0, Aggregate::count_distinct, {.where = {listed}});
  add("middle", 2, Aggregate::median, {});
  add("most", 6, Aggregate::quantile, {.quantile = "0.95", .discrete = true});
  add("newest", 2, Aggregate::last, {.by = 1, .where = {expensive}});
  add("oldest", 2, Aggregate::first, {.by = 1});
  shape.projections.push_back({"exact", 0, ColumnType::float64, {}});
  std::vector<query::Projection> projections = shape.projections;
  projections.front().expression = expression("-paid / 2 + 0.1 * clicks", shape);
  projections.back().expression = expression("paid - 1.50 * rows", shape);
  shape.projections = std::move(projections);
  shape.group_by = {1};
  shape.having = {{0, ColumnType::float64, Comparison::ge},
                  {5, catalog::decimal_type(38, 2), Comparison::lt}};
  shape.order = {{0, true}, {1, false}};
  return shape;
}

void expect_golden(const std::string& name, const std::string& comment, const std::string& sql) {
  std::string text = "-- " + comment + "\n";
  // Put each clause on its own line, for readability.
  std::string lines = sql;
  for (const std::string clause : {" FROM s1", " WHERE ", " AND ", " GROUP BY ", " ORDER BY ", " LIMIT "}) {
    for (auto at = lines.find(clause); at != std::string::npos; at = lines.find(clause, at + 2))
      lines[at] = '\n';
  }
  text += lines + "\n";
  const auto path = std::string(OFFLOADER_SOURCE_DIR) + "/src/duckdb/tests/golden/sql/" + name + ".sql";
  if (std::getenv("OFFLOADER_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream in(path);
  std::stringstream golden;
  golden << in.rdbuf();
  EXPECT_EQ(text, golden.str()) << path;
}

TEST(Sql, Render_KnownShapes_MatchesTheGoldenFiles) {
  constexpr char kSource[] = "s1.main.rows";
  expect_golden("page", "A page: the tenant first, nulls last both ways, the order complete.",
                render_sql(page(), false, kSource));
  expect_golden("totals", "Aggregates by day; positions, because a response name may be another column's.",
                render_sql(totals(), false, kSource));
  auto all = totals();
  all.projections = std::vector(all.projections.begin() + 1, all.projections.end());
  all.group_by = {};
  all.order = {};
  expect_golden("one_row", "Aggregates without a group: exactly one row.", render_sql(all, false, kSource));
  auto decimals = all;
  decimals.conditions.clear();
  decimals.tenant_scoped = false;
  decimals.schema = {{"amount", catalog::decimal_type(12, 2)}};
  decimals.projections = {{"total", 0, catalog::decimal_type(12, 2), Aggregate::sum},
                          {"mean", 0, catalog::decimal_type(12, 2), Aggregate::avg},
                          {"least", 0, catalog::decimal_type(12, 2), Aggregate::min}};
  expect_golden("decimals", "The mean of decimals divides their exact sum.",
                render_sql(decimals, false, kSource));
  expect_golden("measures",
                "Aggregates with conditions of their own; an inner SELECT only for what needs its results.",
                render_sql(measures(), false, kSource));
  expect_golden("measures_never", "The conditions of aggregates and groups keep their params.",
                render_sql(measures(), true, kSource));
  expect_golden("never", "A value that the column's type cannot hold: no row, and no value is bound.",
                render_sql(page(), true, kSource));
  auto tests = page();
  tests.conditions.erase(tests.conditions.begin() + 1, tests.conditions.end());
  const auto add = [&](std::size_t column, ColumnType type, query::Test test, std::size_t any) {
    tests.conditions.push_back({column, type, test, any});
  };
  add(2, ColumnType::integer, query::Compare(Comparison::gt), 0);
  add(2, ColumnType::integer, query::Compare(Comparison::ne), 0);
  add(2, ColumnType::integer, query::Compare(Comparison::ne, true), 0);
  add(1, ColumnType::date, query::Among{}, 0);
  add(1, ColumnType::date, query::Among{.negated = true}, 0);
  add(1, ColumnType::date, query::Among{.negated = true, .or_null = true}, 0);
  add(1, ColumnType::timestamp, query::Among{.by_day = true}, 0);
  add(0, ColumnType::varchar, query::Match{query::Match::How::prefix}, 1);
  add(0, ColumnType::varchar, query::Match{query::Match::How::contains}, 1);
  add(0, ColumnType::varchar, query::Match{query::Match::How::icontains}, 2);
  add(4, ColumnType::json, query::NullTest{}, 2);
  expect_golden("tests", "Every test that is no plain comparison, and alternatives.",
                render_sql(tests, false, kSource));
  auto quoted = sales();
  quoted.tenant_scoped = false;
  quoted.conditions = {{5, ColumnType::bigint, Comparison::le}};
  quoted.projections = {{"select", 5, ColumnType::bigint, {}}};
  quoted.order = {{0, false}};
  expect_golden("keywords", "Identifiers are quoted, whatever they are.", render_sql(quoted, false, kSource));
}

TEST(Sql, Render_TopAndTotals_MatchesTheGoldenFiles) {
  constexpr char kSource[] = "s1.main.rows";
  auto top = totals();
  top.top = query::TopRows{.per = {0}, .order = {{1, true}, {0, false}}, .limit = 3};
  expect_golden("top",
                "The first rows of each day: columns by position, because a response name may be another's.",
                render_sql(top, false, kSource));
  auto latest = page();
  latest.top = query::TopRows{.per = {}, .order = {{0, true}, {1, false}, {2, false}}, .limit = 10};
  expect_golden("top_of_all", "The first rows of all.", render_sql(latest, false, kSource));
  expect_golden("count", "The rows of a page's whole answer.", render_count_sql(page(), false, kSource));
  expect_golden("count_groups", "The groups of an answer.", render_count_sql(totals(), false, kSource));
  expect_golden("count_top", "What a top leaves.", render_count_sql(top, false, kSource));
}

TEST(Sql, Render_Buckets_MatchesTheGoldenFiles) {
  constexpr char kSource[] = "s1.main.rows";
  auto shape = sales();
  shape.schema.push_back({"at", ColumnType::timestamptz});
  shape.aggregated = true;
  shape.group_by = {0};
  shape.order = {{0, false}};
  shape.bucketed = 0;
  const auto with = [&](query::Bucket bucket, std::size_t column) {
    query::Projection at{.as = "at", .column = column, .type = shape.schema[column].type};
    at.bucket = bucket;
    shape.projections = {at, {"n", 2, ColumnType::integer, Aggregate::sum}};
    return render_sql(shape, false, kSource);
  };
  using catalog::Grain;
  expect_golden("bucket_month", "Months of a DATE, by arithmetic on days.", with({.grain = Grain::month}, 1));
  expect_golden("bucket_hour", "Hours of a zone; one that occurs twice is two.",
                with({.grain = Grain::hour, .zone = "Europe/Berlin", .instants = true}, 6));
  expect_golden("bucket_instants", "Weeks of a zone as instants, which are computed once a week.",
                with({.grain = Grain::week, .zone = "Europe/Berlin", .instants = true}, 6));
  shape.conditions.push_back(
      {6, ColumnType::timestamptz, query::CompareDay{Comparison::ge}, 0, "Europe/Berlin"});
  shape.conditions.push_back(
      {6, ColumnType::timestamptz, query::CompareDay{Comparison::ne, true}, 0, "Europe/Berlin"});
  expect_golden("bucket_fill", "Days of a zone, with those that have no rows; the bounds of the zone's days.",
                with({.grain = Grain::day, .zone = "Europe/Berlin", .fill = catalog::Fill::zero}, 6));
  expect_golden(
      "bucket_fill_hours", "Hours of a zone, with those that have no rows.",
      with({.grain = Grain::hour, .zone = "Europe/Berlin", .fill = catalog::Fill::null, .instants = true},
           6));
}

// Returns the SQL without its quoted identifiers, and collects them.
std::string without_identifiers(const std::string& sql, std::multiset<std::string>& identifiers) {
  std::string rest;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] != '"') {
      rest += sql[i];
      continue;
    }
    std::string name;
    for (++i; i < sql.size(); ++i) {
      if (sql[i] == '"' && (i + 1 == sql.size() || sql[i + 1] != '"')) break;
      if (sql[i] == '"') ++i;
      name += sql[i];
    }
    identifiers.insert(name);
  }
  return rest;
}

TEST(Sql, Render_RandomShapes_HasOnlyContractIdentifiersAndParses) {
  std::mt19937_64 random(7);
  const auto pick = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
  const auto name = [&] {
    constexpr std::string_view kLetters = "abz_019 \"';-$.é";
    std::string out;
    for (std::size_t i = 0, size = 1 + pick(6); i < size; ++i) out += kLetters[pick(kLetters.size())];
    return out;
  };
  for (int round = 0; round < 500; ++round) {
    query::PlanShape shape;
    for (std::size_t i = 0, columns = 1 + pick(5); i < columns; ++i) {
      shape.schema.push_back({name(), static_cast<ColumnType>(pick(catalog::kColumnTypes.size()))});
    }
    std::multiset<std::string> expected;
    for (std::size_t i = 0, count = 1 + pick(4); i < count; ++i) {
      query::Projection projection{name(), pick(shape.schema.size()), {}, {}};
      projection.type = shape.schema[projection.column].type;
      if (pick(2) == 0) projection.aggregate = static_cast<Aggregate>(pick(5));
      expected.insert(shape.schema[projection.column].name);
      // A sum of doubles appears twice, because it is checked to be finite.
      if (projection.type == ColumnType::float64 &&
          (projection.aggregate == Aggregate::sum || projection.aggregate == Aggregate::avg)) {
        expected.insert(shape.schema[projection.column].name);
      }
      expected.insert(projection.as);
      if (!projection.aggregate) shape.group_by.push_back(i);
      shape.order.push_back({i, pick(2) == 0});
      shape.projections.push_back(std::move(projection));
    }
    if (pick(4) == 0) {
      shape.top = query::TopRows{.per = shape.group_by, .order = shape.order, .limit = 3};
    }
    const bool never = pick(4) == 0;
    for (std::size_t i = 0, count = pick(4); i < count; ++i) {
      const auto column = pick(shape.schema.size());
      shape.conditions.push_back({column, shape.schema[column].type, static_cast<Comparison>(pick(4))});
      if (!never) expected.insert(shape.schema[column].name);
    }
    const auto sql = render_sql(shape, never, "s1.main.rows");
    std::multiset<std::string> identifiers;
    const auto rest = without_identifiers(sql, identifiers);
    EXPECT_EQ(identifiers, expected) << sql;
    EXPECT_EQ(rest.find_first_not_of(
                  "SELECTFROMWHERANDGUPBYLIOFKSVULQmaingsrow countxsuavfle_b$0123456789.,()<>= "),
              std::string::npos)
        << rest;
    duckdb_extracted_statements statements = nullptr;
    duckdb_database database = nullptr;
    static duckdb_connection connection = [&] {
      duckdb_connection out = nullptr;
      EXPECT_EQ(duckdb_open(nullptr, &database), DuckDBSuccess);
      EXPECT_EQ(duckdb_connect(database, &out), DuckDBSuccess);
      return out;
    }();
    // Skip names with split UTF-8 characters: no contract can have them.
    if (sql.find_first_of("\xc3\xa9") == std::string::npos) {
      EXPECT_EQ(duckdb_extract_statements(connection, sql.c_str(), &statements), 1U) << sql;
      duckdb_destroy_extracted(&statements);
    }
  }
}

// A list is bound with its type, so that its elements compare exactly whatever type the snapshot stores.
TEST(Sql, Bind_ListsAndNothing_CountsTheRowsThatMatch) {
  const auto database = *open_instance({1, 0, true, {}, {}, {}, {}});
  Connection connection = *Connection::open(database);
  ASSERT_TRUE(
      connection.query("CREATE TABLE t AS SELECT unnest([1, 2, 3, 9007199254740992, NULL])::BIGINT AS x, "
                       "unnest([1, 2, 3, 9007199254740992, NULL])::DOUBLE AS y"));
  const auto count = [&](ColumnType stored, query::Test test, query::Value value, query::ValueList list) {
    auto shape = std::make_shared<query::PlanShape>();
    const std::string name = stored == ColumnType::float64 ? "y" : "x";
    shape->schema = {{name, ColumnType::bigint}};
    shape->projections = {{"n", 0, ColumnType::bigint, {}}};
    shape->conditions = {{0, ColumnType::bigint, test}};
    query::Plan plan;
    plan.shape = shape;
    plan.values = {std::move(value)};
    if (std::holds_alternative<query::Among>(test)) plan.lists = {std::move(list)};
    plan.limit = 100;
    const std::vector<catalog::SizedType> types{stored};
    auto statement = prepare(connection, render_sql(*shape, false, "t"));
    EXPECT_TRUE(statement) << statement.error().detail;
    EXPECT_TRUE(bind_plan(statement->get(), plan, false, types));
    QueryResult result;
    EXPECT_EQ(duckdb_execute_prepared(statement->get(), result.get()), DuckDBSuccess)
        << duckdb_result_error(result.get());
    return duckdb_row_count(result.get());
  };
  const query::Nothing nothing;
  const query::ValueList some{std::int64_t{1}, std::int64_t{3}, std::int64_t{9007199254740993}};
  for (const ColumnType stored : {ColumnType::bigint, ColumnType::float64}) {
    EXPECT_EQ(count(stored, query::Among{}, nothing, some), 2U);
    EXPECT_EQ(count(stored, query::Among{}, nothing, {}), 0U);
    EXPECT_EQ(count(stored, query::Among{.negated = true}, nothing, some), 2U);
    EXPECT_EQ(count(stored, query::Among{.negated = true, .or_null = true}, nothing, some), 3U);
    EXPECT_EQ(count(stored, query::Among{.negated = true}, nothing, {}), 5U);
    EXPECT_EQ(count(stored, query::Among{.negated = true}, nothing, {query::Value(nothing)}), 4U);
    EXPECT_EQ(count(stored, query::Compare(Comparison::ne), std::int64_t{2}, {}), 3U);
    EXPECT_EQ(count(stored, query::Compare(Comparison::ne, true), std::int64_t{2}, {}), 4U);
    EXPECT_EQ(count(stored, query::Compare(Comparison::ne), std::int64_t{9007199254740993}, {}), 4U);
    EXPECT_EQ(count(stored, query::Compare(Comparison::ne), nothing, {}), 4U);
    EXPECT_EQ(count(stored, query::Compare(Comparison::ne, true), nothing, {}), 5U);
    EXPECT_EQ(count(stored, query::Compare(Comparison::eq), nothing, {}), 0U);
    EXPECT_EQ(count(stored, query::Compare(Comparison::ge), nothing, {}), 0U);
    EXPECT_EQ(count(stored, query::NullTest{}, true, {}), 1U);
    EXPECT_EQ(count(stored, query::NullTest{}, false, {}), 4U);
  }
}

// Compares a table of one column with one bound value and lets DuckDB count the matches.
class Comparing {
 public:
  Comparing()
      : database_(*open_instance({1, 0, true, {}, {}, {}, {}})), connection_(*Connection::open(database_)) {}

  std::int64_t count(const std::string& table, catalog::SizedType contract, catalog::SizedType stored,
                     Comparison comparison, std::int64_t value) {
    auto shape = std::make_shared<query::PlanShape>();
    shape->schema = {{"x", contract}};
    shape->projections = {{"n", 0, contract, Aggregate::count}};
    shape->aggregated = true;
    shape->conditions = {{0, contract, comparison}};
    query::Plan plan;
    plan.shape = shape;
    plan.values = {value};
    plan.limit = std::numeric_limits<std::int64_t>::max();
    const std::vector types{stored};
    const bool never = matches_nothing(plan, types);
    auto statement = prepare(connection_, render_sql(*shape, never, table));
    EXPECT_TRUE(statement) << statement.error().detail;
    EXPECT_TRUE(bind_plan(statement->get(), plan, never, types));
    QueryResult result;
    EXPECT_EQ(duckdb_execute_prepared(statement->get(), result.get()), DuckDBSuccess)
        << duckdb_result_error(result.get());
    return duckdb_value_int64(result.get(), 0, 0);
  }
  void create(const std::string& sql) {
    const auto done = connection_.query(sql);
    ASSERT_TRUE(done) << done.error().detail;
  }
  std::string explain(const std::string& sql) {
    auto rows = connection_.rows("EXPLAIN " + sql);
    return rows && !rows->empty() ? (*rows)[0][1] : rows.error().detail;
  }

 private:
  std::shared_ptr<Database> database_;
  Connection connection_;
};

TEST(Sql, Compare_IntegersWithAnyStoredType_IsExact) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kPast = std::int64_t{1} << 53;
  std::vector<std::int64_t> values{0,          1,          -1,          5,           kPast, kPast + 1,
                                   kPast + 2,  kPast + 3,  -kPast - 1,  -kPast - 2,  kMax,  kMax - 1,
                                   kMax - 511, kMax - 512, kMax - 1023, kMax - 1024, kMin,  kMin + 1,
                                   2147483647, 2147483648, -2147483648, -2147483649};
  const std::vector<double> doubles{0.0,        0.5,           -0.5,    1.0,         0x1p53,
                                    0x1p53 + 2, 0x1p53 + 4,    -0x1p53, -0x1p53 - 2, 0x1p63,
                                    -0x1p63,    0x1p63 - 1024, 1e300,   -1e300};
  Comparing comparing;
  std::ostringstream insert;
  insert.precision(17);
  insert << "CREATE TABLE doubles AS SELECT unnest([";
  for (const auto x : doubles) insert << x << "::DOUBLE,";
  insert << "NULL]) AS x";
  comparing.create(insert.str());
  comparing.create(
      "CREATE TABLE integers AS SELECT unnest([-2147483648, -1, 0, 1, 5, 2147483647, NULL])::INTEGER AS x");
  comparing.create(
      "CREATE TABLE bigints AS SELECT unnest([-2147483649, 0, 5, 2147483648, 9007199254740993, "
      "9223372036854775807])::BIGINT AS x");
  const std::vector<long double> wide{-2147483649.0L,        0, 5, 2147483648.0L, 9007199254740993.0L,
                                      9223372036854775807.0L};
  const std::vector<long double> narrow{-2147483648.0L, -1, 0, 1, 5, 2147483647.0L};
  // The x87 long double has 64 bits of fraction, which represent every int64 and every double here.
  static_assert(std::numeric_limits<long double>::digits >= 64);
  const auto holds = [](long double x, Comparison comparison, long double value) {
    switch (comparison) {
      case Comparison::eq:
        return x == value;
      case Comparison::ge:
        return x >= value;
      case Comparison::le:
        return x <= value;
      case Comparison::lt:
        return x < value;
      case Comparison::gt:
        return x > value;
      case Comparison::ne:
        return x != value;
    }
    return false;
  };
  for (const auto comparison :
       {Comparison::eq, Comparison::ge, Comparison::le, Comparison::lt, Comparison::gt, Comparison::ne}) {
    for (const auto value : values) {
      const auto expected = [&](const auto& column) {
        return std::ranges::count_if(column, [&](auto x) { return holds(x, comparison, value); });
      };
      const auto say = ::testing::Message()
                       << "comparison " << static_cast<int>(comparison) << " value " << value;
      EXPECT_EQ(comparing.count("doubles", ColumnType::integer, ColumnType::float64, comparison, value),
                expected(doubles))
          << say;
      EXPECT_EQ(comparing.count("bigints", ColumnType::integer, ColumnType::bigint, comparison, value),
                expected(wide))
          << say;
      EXPECT_EQ(comparing.count("integers", ColumnType::integer, ColumnType::integer, comparison, value),
                expected(narrow))
          << say;
    }
  }
}

TEST(Sql, Prepare_BoundValues_KeepPruningAndTopN) {
  // DuckDB replans a prepared statement once it knows the values, so they act like constants.
  Comparing comparing;
  comparing.create("CREATE TABLE t AS SELECT i AS x, i AS y FROM range(300000) r(i)");
  comparing.create(
      "PREPARE p AS SELECT x, y FROM t WHERE x >= $1 AND x = $2 ORDER BY y DESC NULLS LAST LIMIT $3 OFFSET "
      "$4");
  const auto plan = comparing.explain("EXECUTE p(7, 8, 51, 0)");
  EXPECT_THAT(plan, ::testing::HasSubstr("TOP_N"));
  EXPECT_THAT(plan, ::testing::HasSubstr("Filters"));
  EXPECT_THAT(plan, ::testing::Not(::testing::HasSubstr("FILTER ")));
}

TEST(Sql, Bind_LargestLimitAndOffset_ReturnsNoRows) {
  auto database = *open_instance({1, 0, true, {}, {}, {}, {}});
  auto connection = *Connection::open(database);
  query::Plan plan;
  auto shape = std::make_shared<query::PlanShape>();
  shape->schema = {{"x", ColumnType::bigint}};
  shape->projections = {{"x", 0, ColumnType::bigint, {}}};
  shape->order = {{0, false}};
  plan.shape = shape;
  plan.limit = plan.offset = std::numeric_limits<std::int64_t>::max();
  auto statement = prepare(connection, render_sql(*shape, false, "(SELECT 1::BIGINT AS x)"));
  ASSERT_TRUE(statement) << statement.error().detail;
  ASSERT_TRUE(bind_plan(statement->get(), plan, false, std::vector<catalog::SizedType>{ColumnType::bigint}));
  QueryResult result;
  ASSERT_EQ(duckdb_execute_prepared(statement->get(), result.get()), DuckDBSuccess)
      << duckdb_result_error(result.get());
  EXPECT_EQ(duckdb_row_count(result.get()), 0U);
}

TEST(Sql, Bind_TenantScopedPlanWithoutTenant_Fails) {
  auto database = *open_instance({1, 0, true, {}, {}, {}, {}});
  auto connection = *Connection::open(database);
  auto statement = prepare(connection, "SELECT 1 LIMIT $1 OFFSET $2");
  ASSERT_TRUE(statement);
  for (const bool never : {false, true}) {
    query::Plan plan;
    auto shape = std::make_shared<query::PlanShape>(page());
    plan.shape = shape;
    EXPECT_FALSE(bind_plan(statement->get(), plan, never, std::vector<catalog::SizedType>(6)));
    shape->conditions.clear();
    plan.values = {std::string("a")};
    EXPECT_FALSE(bind_plan(statement->get(), plan, never, std::vector<catalog::SizedType>(6)));
  }
}

}  // namespace
}  // namespace offloader::duckdb
