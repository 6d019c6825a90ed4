// Groups that are runs of the first two sort columns are answered from the run directory, with the same bytes
// as by DuckDB.
#include "index_scene.h"
#include "offloader/index/lookup.h"

namespace offloader::local_executor {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;
using query::Comparison;

const std::vector<catalog::Column> kSchema = {
    {"tenant", ColumnType::varchar}, {"day", ColumnType::date},      {"hits", ColumnType::integer},
    {"wide", ColumnType::bigint},    {"maybe", ColumnType::integer}, {"amount", ColumnType::float64},
    {"below", ColumnType::bigint}};

struct Condition {
  Comparison comparison;
  std::int32_t days;
};

struct Asked {
  std::string tenant = "tenant-1";
  std::vector<Condition> conditions{};
  bool by_day = true;
  bool descending = false;
  std::int64_t limit = 1000;
  std::int64_t offset = 0;
};

query::Plan plan_of(const Asked& asked) {
  static std::uint64_t next_id = 1;
  auto shape = std::make_shared<query::PlanShape>();
  shape->id = next_id++;
  shape->schema = kSchema;
  shape->aggregated = true;
  query::Plan plan;
  const auto project = [&](std::size_t column, std::optional<Aggregate> aggregate) {
    const std::size_t at = shape->projections.size();
    shape->projections.push_back({"p" + std::to_string(at), column, kSchema[column].type, aggregate});
    plan.columns.push_back(at);
  };
  if (asked.by_day) {
    project(1, std::nullopt);
    shape->group_by.push_back(0);
    shape->order.push_back({0, asked.descending});
  }
  for (std::size_t column = 2; column < kSchema.size(); ++column) {
    for (const auto aggregate :
         {Aggregate::sum, Aggregate::avg, Aggregate::count, Aggregate::min, Aggregate::max})
      project(column, aggregate);
  }
  shape->tenant_scoped = true;
  shape->conditions.push_back({0, ColumnType::varchar, Comparison::eq});
  plan.values.emplace_back(asked.tenant);
  for (const Condition& condition : asked.conditions) {
    shape->conditions.push_back({1, ColumnType::date, condition.comparison});
    plan.values.emplace_back(query::Date{condition.days});
  }
  plan.limit = asked.limit;
  plan.offset = asked.offset;
  plan.shape = shape;
  return plan;
}

class IndexRunDirectoryTest : public IndexScene {
 protected:
  // Creates `t` and its index. `day` is an SQL expression over the row number i. Amounts are multiples of
  // 1/8, so their sums are exact in any order.
  std::shared_ptr<const index::Reader> table(int rows, const std::string& day,
                                             const std::string& day_type = "DATE") {
    run("CREATE OR REPLACE TABLE t AS SELECT 'tenant-' || (i % 4) AS tenant, (" + day + ")::" + day_type +
        " AS day, (i * 7 % 1000)::INTEGER AS hits, i * 1000000007 AS wide, "
        "CASE WHEN i % 5 = 0 THEN NULL ELSE (i % 90)::INTEGER END AS maybe, (i % 64) / 8.0 AS amount, "
        "-5 - i % 300 AS below FROM range(" +
        std::to_string(rows) + ") r(i) ORDER BY tenant, day");
    auto schema = kSchema;
    if (day_type == "DOUBLE") schema[1].type = ColumnType::float64;
    return index(schema, 1);
  }
  void expect_as_duckdb(const index::Reader& reader, const Asked& asked, bool in_runs = true) {
    const query::Plan plan = plan_of(asked);
    const index::Lookup lookup = look_up(plan, reader);
    ASSERT_TRUE(lookup.supported);
    EXPECT_EQ(lookup.in_runs, in_runs);
    const auto rows = execute_as_json(plan, reader, lookup);
    ASSERT_TRUE(rows) << rows.error().detail;
    const JsonRows wanted = by_duckdb(plan);
    EXPECT_EQ(rows->json, wanted.json);
    EXPECT_EQ(rows->row_count, wanted.row_count);
    EXPECT_EQ(rows->has_more, wanted.has_more);
  }
};

// Tables without and with null days, which sort last.
TEST_F(IndexRunDirectoryTest, Execute_GroupsThatAreRuns_AnswersAsDuckDb) {
  for (const std::string day :
       {"DATE '1969-12-01' + (i % 60)::INTEGER",
        "CASE WHEN i % 13 = 0 THEN NULL ELSE DATE '1969-12-01' + (i % 60)::INTEGER END"}) {
    const auto reader = table(5000, day);
    ASSERT_NE(reader, nullptr);
    ASSERT_NE(reader->runs(), nullptr);
    struct Case {
      std::vector<Condition> conditions;
      bool possible = true;  // whether any day can match; if none can, the directory is not used
    };
    const std::vector<Case> cases = {{{}},
                                     {{{Comparison::ge, -10}}},
                                     {{{Comparison::lt, 5}}},
                                     {{{Comparison::le, 5}}},
                                     {{{Comparison::ge, -20}, {Comparison::lt, 1}}},
                                     {{{Comparison::ge, -31}, {Comparison::le, 28}}},
                                     {{{Comparison::eq, 3}}},
                                     {{{Comparison::ge, 3}, {Comparison::lt, 3}}, false},
                                     {{{Comparison::ge, 400}}, false},
                                     {{{Comparison::lt, -400}}, false}};
    for (const auto& [conditions, possible] : cases) {
      SCOPED_TRACE(conditions.empty() ? 0 : conditions[0].days);
      for (const bool by_day : {true, false}) {
        const auto expect = [&](bool descending, std::int64_t limit, std::int64_t offset) {
          expect_as_duckdb(*reader, {"tenant-1", conditions, by_day, descending, limit, offset}, possible);
        };
        expect(false, 1000, 0);
        expect(true, 1000, 0);
        expect(false, 3, 2);
        expect(true, 5, 0);
      }
    }
    expect_as_duckdb(*reader, {.tenant = "nobody"}, false);
    expect_as_duckdb(*reader, {.tenant = "tenant-0"});
    expect_as_duckdb(*reader, {.tenant = "tenant-3", .descending = true});
  }
}

TEST_F(IndexRunDirectoryTest, Runs_OfSortedRows_HaveTheirKeysAndRows) {
  const auto reader = table(4000, "DATE '2024-01-01' + (i // 4 % 10)::INTEGER");
  ASSERT_NE(reader, nullptr);
  const index::RunDirectory* runs = reader->runs();
  ASSERT_NE(runs, nullptr);
  EXPECT_EQ(runs->column, reader->column(1));
  EXPECT_EQ(runs->count, 40U);
  for (std::uint64_t place = 0; place < 4; ++place) {
    const index::Range of_tenant = runs->runs_of(place);
    EXPECT_EQ(of_tenant.begin, place * 10);
    EXPECT_EQ(of_tenant.end, place * 10 + 10);
  }
  for (std::uint32_t run = 0; run < runs->count; ++run) {
    EXPECT_EQ(runs->key(run), run % 10);
    const index::Range rows = runs->rows_of({run, run + 1}, {0, 4000});
    EXPECT_EQ(rows.begin, run * 100);
    EXPECT_EQ(rows.end, run * 100 + 100);
  }
}

TEST_F(IndexRunDirectoryTest, RunSums_EachColumnType_ExistOnlyForSmallNonNullIntegers) {
  const auto reader = table(4000, "DATE '2024-01-01' + (i % 10)::INTEGER");
  ASSERT_NE(reader, nullptr);
  for (std::size_t column = 0; column < kSchema.size(); ++column) {
    const bool summed = kSchema[column].name == "hits" || kSchema[column].name == "below";
    EXPECT_EQ(reader->column(column)->run_sums != nullptr, summed) << kSchema[column].name;
  }
}

TEST_F(IndexRunDirectoryTest, Build_ShortRuns_OmitsTheDirectory) {
  const auto reader = table(8000, "DATE '1900-01-01' + (i // 4 % 500)::INTEGER");
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(reader->runs(), nullptr) << "2,000 runs of four rows";
  EXPECT_EQ(reader->column(2)->run_sums, nullptr);
  expect_as_duckdb(*reader, {.conditions = {{Comparison::ge, -25500}}}, false);
  const auto larger = table(17000, "DATE '1900-01-01' + (i // 4 % 500)::INTEGER");
  ASSERT_NE(larger, nullptr);
  EXPECT_NE(larger->runs(), nullptr) << "2,000 runs of eight rows and a half";
}

TEST_F(IndexRunDirectoryTest, Build_RunsOverDoubles_OmitsTheDirectory) {
  const auto reader = table(4000, "i % 10", "DOUBLE");
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(reader->runs(), nullptr);
}

}  // namespace
}  // namespace offloader::local_executor
