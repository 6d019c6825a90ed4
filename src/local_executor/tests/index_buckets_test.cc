// Time buckets of the index against those of DuckDB, by the SQL that serves: the same bytes for random
// buckets, filters on days, groups, orders and pages, with and without added buckets.
#include <algorithm>
#include <cstdlib>
#include <random>

#include "index_scene.h"
#include "offloader/catalog/time_zone.h"
#include "offloader/duckdb/plan_statement.h"

namespace offloader::local_executor {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;
using catalog::Fill;
using catalog::Grain;

const std::vector<catalog::Column> kSchema = {
    {"tenant", ColumnType::integer},       {"day", ColumnType::date},       {"at", ColumnType::timestamp},
    {"instant", ColumnType::timestamptz},  {"region", ColumnType::varchar}, {"n", ColumnType::integer},
    {"price", catalog::decimal_type(9, 2)}};
constexpr std::size_t kRegion = 4;

class IndexBuckets : public IndexScene {
 protected:
  // `sorted_by` is a column with times; the table is sorted by tenant and that one.
  std::shared_ptr<const index::Reader> make(int rows, int seed, std::size_t sorted_by) {
    run("SELECT setseed(" + std::to_string(seed % 100 / 100.0) + ")");
    std::string columns;
    for (const catalog::Column& column : kSchema)
      columns += (columns.empty() ? "\"" : ", \"") + column.name + "\"";
    run("CREATE OR REPLACE TABLE t AS SELECT " + columns +
        " FROM (SELECT (random() * 3)::INTEGER AS tenant,"
        " CASE WHEN random() < 0.05 THEN NULL ELSE DATE '1969-11-20' + (random() * 500)::INTEGER END AS day,"
        " CASE WHEN random() < 0.05 THEN NULL ELSE TIMESTAMP '1969-12-30 01:02:03.4' + "
        "to_seconds((random() * 900000)::INTEGER) END AS at,"
        " TIMESTAMPTZ '1999-12-30 23:59:59.5+00' + to_seconds((random() * 90000)::INTEGER) AS instant,"
        " CASE WHEN random() < 0.2 THEN NULL ELSE ['x', 'y', 'z'][1 + (random() * 2)::INTEGER] END AS region,"
        " CASE WHEN random() < 0.3 THEN NULL ELSE (random() * 9 - 4)::INTEGER END AS n,"
        " ((random() * 1000 - 500)::INTEGER / 100)::DECIMAL(9, 2) AS price FROM range(" +
        std::to_string(rows) + ")) ORDER BY tenant, \"" + kSchema[sorted_by].name + "\"");
    auto schema = kSchema;
    build_sorted(schema, sorted_by);
    auto reader = index::Reader::open(index_path(), kSchema);
    EXPECT_TRUE(reader) << reader.error().detail;
    return reader ? *reader : nullptr;
  }

  JsonRows by_statement(const query::Plan& plan) {
    std::vector<catalog::SizedType> types;
    for (const catalog::Column& column : kSchema) types.push_back(column.type);
    auto statement = duckdb::PlanStatement::prepare(*connection_, *plan.shape, plan.never, "t", types);
    EXPECT_TRUE(statement) << statement.error().detail;
    if (!statement) return {};
    rows::JsonWriter writer;
    const auto answered = statement->run(plan, types, writer);
    EXPECT_TRUE(answered) << answered.error().detail;
    EXPECT_TRUE(writer.finish());
    if (!answered) return {};
    return JsonRows{*answered, writer.take().text};
  }
};

struct Maker {
  std::mt19937& random;

  std::size_t below(std::size_t n) const { return static_cast<std::size_t>(random() % n); }

  // A day on which the column has values, or one beside them.
  query::Date day_of(std::size_t column) const {
    const int first = column == 1 ? -45 : column == 2 ? -3 : 10'954;
    const std::size_t days = column == 1 ? 505 : column == 2 ? 14 : 5;
    return {static_cast<std::int32_t>(first + static_cast<int>(below(days)))};
  }
  query::Timestamp instant_of(std::size_t column) const {
    return {day_of(column).days * query::kMicrosPerDay + static_cast<std::int64_t>(below(96)) * 900'000'000 -
            static_cast<std::int64_t>(below(2))};
  }

  query::Plan plan() const {
    static std::uint64_t next_id = 1'000'000;
    auto shape = std::make_shared<query::PlanShape>();
    shape->id = next_id++;
    shape->schema = kSchema;
    query::Plan plan;
    const std::size_t column = 1 + below(3);
    query::Bucket bucket{.grain = static_cast<Grain>(below(6)),
                         .week_start = static_cast<catalog::WeekStart>(below(2))};
    const char* const zones[] = {"", "Etc/GMT+5", "Etc/GMT-14", "Etc/GMT-1"};
    if (column != 1) bucket.zone = zones[below(4)];
    if (column == 1 && bucket.grain == Grain::hour) bucket.grain = Grain::month;
    bucket.instants = bucket.grain == Grain::hour || (column != 1 && below(3) == 0);
    bucket.fill = static_cast<Fill>(below(3));
    query::Projection cut{.as = "bucket", .column = column, .type = kSchema[column].type};
    cut.bucket = bucket;
    const bool alone = bucket.fills() || below(2) == 0;
    shape->projections = std::vector{cut};
    std::vector<query::Projection> projections{cut};
    std::vector<std::size_t> groups{0};
    if (!alone) {
      projections.push_back({"region", kRegion, ColumnType::varchar, std::nullopt});
      groups.push_back(1);
      if (below(3) == 0) {
        projections.push_back({"value", column, kSchema[column].type, std::nullopt});
        groups.push_back(2);
      }
    }
    const std::size_t aggregates = below(4);
    for (std::size_t i = 0; i < aggregates; ++i) {
      const std::size_t of = below(2) == 0 ? 5 + below(2) : 1 + below(6);
      const bool number = of >= 5;
      auto aggregate = static_cast<Aggregate>(number ? below(5) : 2 + below(3));
      // The last digits of a mean of decimals depend on the order of addition.
      if (aggregate == Aggregate::avg && kSchema[of].type == ColumnType::decimal) aggregate = Aggregate::sum;
      projections.push_back({"a" + std::to_string(i), of, kSchema[of].type, aggregate});
      shape->aggregated = true;
    }
    for (std::size_t i = 0; i < projections.size(); ++i) plan.columns.push_back(i);
    std::vector<query::OrderKey> order;
    for (std::size_t i = 0; i < projections.size(); ++i) order.push_back({i, below(3) == 0});
    if (below(2) == 0) std::reverse(order.begin(), order.end());
    shape->projections = projections;
    shape->group_by = groups;
    shape->order = order;
    shape->bucketed = 0;
    add_conditions(*shape, plan, bucket, column);
    plan.never = below(20) == 0;
    plan.limit = static_cast<std::int64_t>(1 + below(50));
    plan.offset = below(3) != 0 ? 0 : static_cast<std::int64_t>(below(20));
    plan.shape = shape;
    return plan;
  }

  void add_conditions(query::PlanShape& shape, query::Plan& plan, const query::Bucket& bucket,
                      std::size_t column) const {
    const auto add = [&](query::Condition condition, query::Value value) {
      shape.conditions.push_back(std::move(condition));
      plan.values.push_back(std::move(value));
    };
    if (below(4) != 0) {
      shape.tenant_scoped = true;
      add({0, ColumnType::integer, query::Comparison::eq}, static_cast<std::int64_t>(below(5)));
    }
    if (below(8) == 0) add({kRegion, ColumnType::varchar, query::Comparison::eq}, std::string("y"));
    const ColumnType type = kSchema[column].type;
    for (std::size_t i = below(bucket.fills() ? 2 : 3); i > 0; --i) {
      const auto comparison = static_cast<query::Comparison>(below(6));
      if (column == 1) {
        add({column, type, query::Compare(comparison)}, day_of(column));
      } else if (below(2) == 0) {
        add({column, type, query::Compare(comparison)}, instant_of(column));
      } else if (below(3) == 0) {
        plan.lists.push_back({day_of(column)});
        add({column, type, query::Among{.negated = below(2) == 0, .by_day = true}, 0, bucket.zone},
            query::Nothing{});
      } else {
        const bool or_null = comparison == query::Comparison::ne && below(2) == 0;
        add({column, type, query::CompareDay{comparison, or_null}, 0, bucket.zone}, day_of(column));
      }
    }
    if (!bucket.fills()) return;
    if (below(3) != 0) plan.axis.first_day = day_of(column);
    if (below(3) != 0) plan.axis.last_day = day_of(column);
    if (column == 1 || below(3) != 0) return;
    plan.axis.first = instant_of(column);
    plan.axis.last = instant_of(column);
  }
};

TEST_F(IndexBuckets, Execute_RandomBuckets_GivesTheSameBytesAsDuckDb) {
  const char* const given = std::getenv("OFFLOADER_PROPERTY_SEED");
  const auto seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                     : static_cast<unsigned>(std::random_device{}());
  int answered = 0;
  for (const int rows : {0, 1, 200, 3000}) {
    for (const std::size_t sorted_by : {1U, 2U, 3U}) {
      std::mt19937 random(seed);
      const auto reader = make(rows, static_cast<int>(seed % 1000), sorted_by);
      ASSERT_TRUE(reader);
      for (int i = 0; i < 80; ++i) {
        const query::Plan plan = Maker{random}.plan();
        const index::Lookup lookup = look_up(plan, *reader);
        ASSERT_TRUE(lookup.supported);
        const auto actual = execute_as_json(plan, *reader, lookup);
        ASSERT_TRUE(actual) << actual.error().detail << " seed " << seed;
        const JsonRows expected = by_statement(plan);
        ASSERT_EQ(actual->json, expected.json) << "seed " << seed << " rows " << rows << " plan " << i;
        ASSERT_EQ(actual->has_more, expected.has_more) << "seed " << seed << " plan " << i;
        ASSERT_EQ(actual->row_count, expected.row_count);
        ++answered;
      }
    }
  }
  EXPECT_EQ(answered, 960);
}

}  // namespace
}  // namespace offloader::local_executor
