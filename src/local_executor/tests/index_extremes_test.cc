// The index and DuckDB give the same bytes for tables and plans with extreme values and sizes.
#include <climits>
#include <cstdlib>
#include <limits>

#include "index_build.h"
#include "index_scene.h"
#include "offloader/base/decimal.h"

namespace offloader::local_executor {
namespace {

using catalog::Aggregate;
using catalog::Column;
using catalog::ColumnType;
using query::Comparison;

constexpr std::int64_t kBeyondTheEnd = std::int64_t{1} << 62;

class IndexExtremes : public IndexScene {
 protected:
  void expect_same(const query::Plan& plan, const index::Reader& reader, const std::string& what) {
    const index::Lookup lookup = look_up(plan, reader);
    ASSERT_TRUE(lookup.supported) << what;
    const auto actual = execute_as_json(plan, reader, lookup);
    ASSERT_TRUE(actual) << what << actual.error().detail;
    const JsonRows expected = by_duckdb(plan);
    ASSERT_EQ(actual->json, expected.json) << what;
    ASSERT_EQ(actual->has_more, expected.has_more) << what;
    ASSERT_EQ(actual->row_count, expected.row_count) << what;
  }
};

struct Filter {
  std::size_t column;
  Comparison comparison;
  query::Value value;
};

// A plan for rows of all columns ordered by `column` or, if `grouped`, for aggregates of all columns grouped
// by it.
query::Plan plan_of(const std::vector<Column>& schema, std::size_t column, const std::vector<Filter>& filters,
                    bool grouped, bool descending, std::int64_t offset) {
  static std::uint64_t next_id = 1'000'000;
  auto shape = std::make_shared<query::PlanShape>();
  shape->id = next_id++;
  shape->schema = schema;
  const auto project = [&](std::size_t at, std::optional<Aggregate> aggregate) {
    shape->projections.push_back(
        {"p" + std::to_string(shape->projections.size()), at, schema[at].type, aggregate});
  };
  project(column, std::nullopt);
  for (std::size_t at = 0; at < schema.size(); ++at) {
    if (!grouped) {
      project(at, std::nullopt);
      continue;
    }
    if (schema[at].type == ColumnType::json) continue;
    project(at, Aggregate::min);
    project(at, Aggregate::max);
    project(at, Aggregate::count);
    if (!catalog::is_numeric(schema[at].type)) continue;
    // Floating-point sums depend on the order of additions (query-semantics.md). The random plans test them.
    if (schema[at].type == ColumnType::float64) continue;
    project(at, Aggregate::sum);
    // The mean of decimals is one of doubles.
    if (schema[at].type != ColumnType::decimal) project(at, Aggregate::avg);
  }
  if (grouped) {
    shape->group_by = {0};
    shape->aggregated = true;
  }
  // The plan compiler orders by JSON columns last.
  for (const bool documents : {false, true}) {
    for (std::size_t i = 0; i < shape->projections.size(); ++i) {
      if ((shape->projections[i].type == ColumnType::json) == documents)
        shape->order.push_back({i, i == 0 && descending});
    }
  }
  query::Plan plan;
  for (const Filter& filter : filters) {
    shape->conditions.push_back({filter.column, schema[filter.column].type, filter.comparison});
    plan.values.push_back(filter.value);
    if (filter.column == 0) shape->tenant_scoped = true;
  }
  for (std::size_t i = 0; i < shape->projections.size(); ++i) plan.columns.push_back(i);
  plan.limit = 7;
  plan.offset = offset;
  plan.shape = shape;
  return plan;
}

const std::vector<Column> kSchema = {{"tenant", ColumnType::varchar},
                                     {"day", ColumnType::date},
                                     {"text", ColumnType::varchar},
                                     {"small", ColumnType::integer},
                                     {"big", ColumnType::bigint},
                                     {"amount", ColumnType::float64},
                                     {"seen", ColumnType::timestamp},
                                     {"flag", ColumnType::boolean},
                                     {"doc", ColumnType::json},
                                     {"price", catalog::decimal_type(18, 2)},
                                     {"wide", catalog::decimal_type(38, 6)},
                                     {"instant", ColumnType::timestamptz},
                                     {"ident", ColumnType::uuid}};

// The smallest and largest values of each type, nulls, dates before 1970, and characters of one to four
// bytes. One tenant has a single row, and one has almost only nulls.
constexpr const char* kTable = R"(CREATE TABLE t AS SELECT *,
  (CASE small WHEN 0 THEN '9999999999999999.99' WHEN -1 THEN '-9999999999999999.99' WHEN 42 THEN '0.5'
    ELSE small::VARCHAR END)::DECIMAL(18,2) AS price,
  (CASE small WHEN 0 THEN '9223372036854.775807' WHEN -1 THEN '-9223372036854.775' ELSE small::VARCHAR END)
    ::DECIMAL(38,6) AS wide,
  seen::TIMESTAMPTZ AS instant,
  (CASE WHEN small < 0 THEN '80000000-0000-0000-0000-000000000000' WHEN big = 5 THEN
    '7fffffff-ffff-ffff-ffff-ffffffffffff' WHEN tenant = 'one' THEN '123e4567-e89b-12d3-a456-426614174000' END)::UUID
    AS ident FROM (VALUES
  ('many', DATE '1677-09-22', '', (-2147483648)::INTEGER, (-9223372036854775808)::BIGINT, (-0.0)::DOUBLE,
    TIMESTAMP '1677-09-22 00:00:00.000001', false, '[]'::VARCHAR),
  ('many', DATE '0001-01-01', 'a', 2147483647, -1, 0.0, TIMESTAMP '0001-01-01 00:00:00', true, '{"a":1}'),
  ('many', DATE '9999-12-31', 'ab', 0, 0, 'nan', TIMESTAMP '9999-12-31 23:59:59.999999', NULL, '"x"'),
  ('many', NULL, 'a' || chr(0) || 'b', -1, 1, 'inf', NULL, true, NULL),
  ('many', DATE '1969-12-31', 'ü', 1, 9223372036854775806, '-inf', TIMESTAMP '1969-12-31 23:59:59.5', false, '1'),
  ('many', DATE '1969-12-31', '日本', NULL, 9223372036854775806, 5e-324, TIMESTAMP '1969-12-31 23:59:59.5', false, '1'),
  ('many', DATE '1970-01-01', '😀"\', 7, 5, 1.7976931348623157e308, TIMESTAMP '1970-01-01', NULL, 'true'),
  ('many', DATE '1970-01-01', NULL, 7, 5, NULL, TIMESTAMP '1970-01-01', NULL, '{}'),
  ('one', DATE '2024-02-29', 'only', 42, 42, 0.5, TIMESTAMP '2024-02-29 12:00:00.25', true, '{"k":[1,2]}'),
  ('void', NULL, NULL, NULL, 3, NULL, NULL, NULL, NULL),
  ('void', NULL, NULL, NULL, 3, NULL, NULL, NULL, NULL))
  v(tenant, day, text, small, big, amount, seen, flag, doc) ORDER BY tenant, day, text)";

std::vector<query::Value> values_for(const catalog::SizedType& type) {
  switch (type.type) {
    case ColumnType::boolean:
      return {false, true};
    case ColumnType::integer:
    case ColumnType::bigint:
      return {std::int64_t{INT64_MIN}, std::int64_t{INT64_MAX}, std::int64_t{INT64_MAX - 1},
              std::int64_t{INT_MIN},   std::int64_t{INT_MAX},   std::int64_t{0},
              std::int64_t{7}};
    case ColumnType::float64:
      return {0.0, -0.0, 0.5, 1e308, -1e308, std::numeric_limits<double>::infinity(), 5e-324};
    case ColumnType::date:
      return {query::Date{INT_MIN + 2}, query::Date{-1}, query::Date{0}, query::Date{19782},
              query::Date{INT_MAX - 2}};
    case ColumnType::timestamp:
      return {query::Timestamp{-500'000}, query::Timestamp{0}, query::Timestamp{1'709'208'000'250'000},
              query::Timestamp{-62'135'596'800'000'000}};
    case ColumnType::timestamptz:
      return {query::Timestamp{-500'000}, query::Timestamp{1'709'208'000'250'000}};
    case ColumnType::decimal: {
      const Int128 greatest = power_of_ten(type.size.precision) - 1;
      std::vector<query::Value> values;
      for (const Int128 unscaled : {Int128{0}, Int128{50}, Int128{-53687091200}, greatest, -greatest,
                                    Int128{999999999999999999}, Int128{9223372036854775807}})
        if (unscaled <= greatest) values.emplace_back(query::Decimal{unscaled, type.size.scale});
      return values;
    }
    case ColumnType::uuid:
      return {Uuid{0, 0}, Uuid{1ULL << 63, 0}, Uuid{0x123e4567e89b12d3, 0xa456426614174000},
              Uuid{~0ULL, ~0ULL}};
    case ColumnType::varchar:
      return {std::string(),         std::string("a"),    std::string("ab"),
              std::string("ü"),      std::string("日本"), std::string("\xF4\x8F\xBF\xBF"),
              std::string("no such")};
    case ColumnType::json:
      return {};
  }
  return {};
}

TEST_F(IndexExtremes, Execute_EveryOperatorTypeAndTenant_AnswersAsDuckDb) {
  run(kTable);
  const auto reader = index(kSchema, 2);
  ASSERT_TRUE(reader);
  ASSERT_EQ(reader->sort_columns().size(), 3U);
  int variant = 0;
  for (const char* tenant : {"many", "one", "void", "nobody", ""}) {
    for (std::size_t column = 1; column < kSchema.size(); ++column) {
      for (const query::Value& value : values_for(kSchema[column].type)) {
        for (const Comparison comparison : {Comparison::eq, Comparison::ge, Comparison::le, Comparison::lt}) {
          std::vector<Filter> filters;
          if (*tenant != '\0') filters.push_back({0, Comparison::eq, std::string(tenant)});
          filters.push_back({column, comparison, value});
          ++variant;
          const std::int64_t offset = variant % 5 == 0 ? 2 : 0;
          const std::string what = std::string(tenant) + " " + kSchema[column].name + " op " +
                                   std::to_string(static_cast<int>(comparison)) + " value " +
                                   std::to_string(value.index()) + " variant " + std::to_string(variant);
          expect_same(plan_of(kSchema, column, filters, variant % 2 == 0, variant % 3 == 0, offset), *reader,
                      what);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST_F(IndexExtremes, Execute_BothOrdersAndOffsetsPastTheEnd_AnswersAsDuckDb) {
  run(kTable);
  const auto reader = index(kSchema, 2);
  ASSERT_TRUE(reader);
  for (std::size_t column = 0; column < kSchema.size(); ++column) {
    for (const bool descending : {false, true}) {
      for (const bool grouped : {false, true}) {
        if (grouped && kSchema[column].type == ColumnType::json) continue;
        for (const std::int64_t offset :
             {std::int64_t{0}, std::int64_t{10}, std::int64_t{11}, kBeyondTheEnd}) {
          expect_same(plan_of(kSchema, column, {}, grouped, descending, offset), *reader,
                      kSchema[column].name + " from " + std::to_string(offset));
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST_F(IndexExtremes, Execute_EmptyTableOrNullColumns_AnswersAsDuckDb) {
  run("CREATE TABLE t (tenant VARCHAR, day DATE, text VARCHAR, small INTEGER, big BIGINT, amount DOUBLE, "
      "seen "
      "TIMESTAMP, flag BOOLEAN, doc VARCHAR, price DECIMAL(18,2), wide DECIMAL(38,6), instant TIMESTAMPTZ, "
      "ident UUID)");
  for (const int rows : {0, 3000}) {
    run("INSERT INTO t SELECT 'a', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL "
        "FROM range(" +
        std::to_string(rows) + ")");
    const auto reader = index(kSchema, 2);
    ASSERT_TRUE(reader);
    for (std::size_t column = 1; column < kSchema.size(); ++column) {
      for (const query::Value& value : values_for(kSchema[column].type)) {
        for (const bool grouped : {false, true}) {
          expect_same(plan_of(kSchema, column, {{column, Comparison::le, value}}, grouped, false, 0), *reader,
                      kSchema[column].name);
          expect_same(
              plan_of(kSchema, column, {}, grouped && kSchema[column].type != ColumnType::json, true, 1),
              *reader, kSchema[column].name);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

// The index represents null by a key above those of all values. The values of this column span all 2^64 keys,
// so none is left and the column is not indexed.
TEST_F(IndexExtremes, Build_WholeInt64RangeAndNull_LeavesTheColumnToDuckDb) {
  const std::vector<Column> schema = {{"tenant", ColumnType::varchar}, {"big", ColumnType::bigint}};
  run("CREATE TABLE t AS SELECT 'a' AS tenant, unnest([9223372036854775807, -9223372036854775808, 0]) AS "
      "big");
  auto reader = index(schema, 1);
  ASSERT_TRUE(reader);
  expect_same(plan_of(schema, 1, {}, true, false, 0), *reader, "both ends");
  run("INSERT INTO t VALUES ('a', NULL)");
  reader = index(schema, 1);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->column(1), nullptr);
  EXPECT_FALSE(look_up(plan_of(schema, 1, {}, false, false, 0), *reader).supported);
  EXPECT_TRUE(look_up(plan_of(schema, 0, {}, false, false, 0), *reader).supported == false);
}

// A wide DECIMAL is indexed while its unscaled values fit 64 bits.
TEST_F(IndexExtremes, Build_DecimalBeyond64Bits_LeavesTheColumnToDuckDb) {
  const std::vector<Column> schema = {{"tenant", ColumnType::varchar},
                                      {"wide", catalog::decimal_type(38, 2)}};
  run("CREATE TABLE t AS SELECT 'a' AS tenant, unnest([92233720368547758.07, -92233720368547758.08])"
      "::DECIMAL(38,2) AS wide");
  auto reader = index(schema, 0);
  ASSERT_TRUE(reader);
  expect_same(plan_of(schema, 1, {}, true, false, 0), *reader, "both ends");
  run("INSERT INTO t VALUES ('a', 92233720368547758.08)");
  reader = index(schema, 0);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->column(1), nullptr);
}

// Their unscaled values have at most 32 bits, so the file has the sums of its runs.
TEST_F(IndexExtremes, Execute_SumsOfMoneyByRuns_AnswersAsDuckDb) {
  const std::vector<Column> schema = {
      {"tenant", ColumnType::varchar}, {"day", ColumnType::date}, {"amount", catalog::decimal_type(12, 2)}};
  run("CREATE TABLE t AS SELECT 't' || (i // 5000) AS tenant, DATE '2026-01-01' + ((i % 5000) // "
      "50)::INTEGER AS day, "
      "((i * 7919) % 100000 / 100.0 - 300)::DECIMAL(12,2) AS amount FROM range(20000) r(i) ORDER BY tenant, "
      "day");
  const auto reader = index(schema, 1);
  ASSERT_TRUE(reader);
  ASSERT_NE(reader->column(2)->run_sums, nullptr);
  expect_same(plan_of(schema, 1, {{0, Comparison::eq, std::string("t1")}}, true, true, 3), *reader, "by day");
}

TEST_F(IndexExtremes, Execute_DictionaryOfOneString_AnswersAsDuckDb) {
  const std::vector<Column> schema = {{"tenant", ColumnType::varchar}, {"text", ColumnType::varchar}};
  run("CREATE TABLE t AS SELECT 'a' AS tenant, 'always \"this\"' AS text FROM range(5000)");
  const auto reader = index(schema, 1);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->column(1)->entries, 1U);
  EXPECT_EQ(reader->column(1)->width, 1);
  for (const char* value : {"always \"this\"", "always", "b"}) {
    for (const bool grouped : {false, true}) {
      expect_same(plan_of(schema, 1, {{1, Comparison::ge, std::string(value)}}, grouped, true, 0), *reader,
                  value);
    }
  }
}

// Large tables take long to create, so the full sizes are used only with OFFLOADER_SOAK. About 3.7 million of
// the strings then occur, fewer than index::Limits::groups.
TEST_F(IndexExtremes, Execute_ManyRowsOfOneTenantAndManyStrings_AnswersAsDuckDb) {
  const bool soak = std::getenv("OFFLOADER_SOAK") != nullptr;
  const std::string rows = soak ? "10000000" : "100000";
  const std::string strings = soak ? "4000000" : "50000";
  const std::vector<Column> schema = {{"tenant", ColumnType::varchar},
                                      {"day", ColumnType::date},
                                      {"text", ColumnType::varchar},
                                      {"number", ColumnType::integer}};
  run("CREATE TABLE t AS SELECT 'all' AS tenant, DATE '2020-01-01' + (i // 5000)::INTEGER AS day, 'string ' "
      "|| (hash(i) % " +
      strings + ") AS text, (hash(i + 1) % 1000)::INTEGER AS number FROM range(" + rows +
      ") r(i) ORDER BY day");
  const auto reader = index(schema, 1);
  ASSERT_TRUE(reader);
  ASSERT_EQ(reader->rows(), std::stoull(rows));
  const Filter tenant{0, Comparison::eq, std::string("all")};
  for (const bool grouped : {false, true}) {
    for (std::size_t column = 1; column < schema.size(); ++column) {
      expect_same(plan_of(schema, column, {tenant}, grouped, column % 2 == 0, 3), *reader,
                  schema[column].name);
    }
    expect_same(
        plan_of(schema, 2, {tenant, {2, Comparison::eq, std::string("string 4711")}}, grouped, false, 0),
        *reader, "one string");
    expect_same(
        plan_of(schema, 3, {tenant, {2, Comparison::ge, std::string("string 99")}}, grouped, false, 0),
        *reader, "from a string on");
  }
}

}  // namespace
}  // namespace offloader::local_executor
