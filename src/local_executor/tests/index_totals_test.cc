// What the index answers of totals, and at what cost.
#include "index_scene.h"
#include "offloader/index/count.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;

const std::vector<catalog::Column> kSchema = {
    {"tenant", ColumnType::varchar}, {"day", ColumnType::date}, {"small", ColumnType::integer}};

class IndexTotals : public IndexScene {
 protected:
  std::shared_ptr<const index::Reader> reader() {
    run("CREATE OR REPLACE TABLE t AS SELECT 'a' AS tenant, DATE '2024-01-01' + (i // 100)::INT AS day, "
        "(i % 7)::INTEGER AS small FROM range(1000) r(i)");
    return index(kSchema, 1);
  }

  static query::Plan plan_of(const query::PlanShape& shape, std::vector<query::Value> values) {
    query::Plan plan;
    plan.shape = std::make_shared<query::PlanShape>(shape);
    plan.values = std::move(values);
    plan.limit = 10;
    plan.columns = {0};
    return plan;
  }
  // The rows of a tenant.
  static query::PlanShape rows() {
    query::PlanShape shape;
    shape.id = 1;
    shape.schema = kSchema;
    shape.tenant_scoped = true;
    shape.conditions = {{0, ColumnType::varchar, query::Comparison::eq}};
    shape.projections = {{"day", 1, ColumnType::date, {}}, {"small", 2, ColumnType::integer, {}}};
    shape.order = {{0, false}, {1, false}};
    return shape;
  }
};

TEST_F(IndexTotals, CountRows_OfARange_IsImmediateHoweverLong) {
  const auto reader = this->reader();
  const query::Plan plan = plan_of(rows(), {std::string("a")});
  const index::Lookup lookup = look_up(plan, *reader, {.immediate_rows = 1, .pool_rows = 1});
  EXPECT_EQ(lookup.cost, index::Cost::duckdb);
  EXPECT_EQ(count_cost(plan, lookup), index::Cost::immediate);
  EXPECT_EQ(count_rows(plan, *reader, lookup).value(), 1000);
}

TEST_F(IndexTotals, CountRows_WithAPredicate_CostsAsMuchAsThePage) {
  const auto reader = this->reader();
  query::PlanShape shape = rows();
  shape.conditions.push_back({2, ColumnType::integer, query::Comparison::eq});
  const query::Plan plan = plan_of(shape, {std::string("a"), std::int64_t{3}});
  const index::Lookup lookup = look_up(plan, *reader, {.immediate_rows = 1, .pool_rows = 5000});
  EXPECT_EQ(count_cost(plan, lookup), index::Cost::pool);
  EXPECT_EQ(count_rows(plan, *reader, lookup).value(), 143);
}

TEST_F(IndexTotals, CountRows_OfGroups_CountsThem) {
  const auto reader = this->reader();
  query::PlanShape shape = rows();
  shape.aggregated = true;
  shape.projections = {{"day", 1, ColumnType::date, {}},
                       {"total", 2, ColumnType::integer, catalog::Aggregate::sum}};
  shape.group_by = {0};
  const query::Plan plan = plan_of(shape, {std::string("a")});
  EXPECT_EQ(count_rows(plan, *reader, look_up(plan, *reader)).value(), 10);
  shape.group_by = {};
  shape.projections = {{"total", 2, ColumnType::integer, catalog::Aggregate::sum}};
  shape.order = {{0, false}};
  const query::Plan one = plan_of(shape, {std::string("nobody")});
  EXPECT_EQ(count_rows(one, *reader, look_up(one, *reader)).value(), 1) << "also of no rows";
}

TEST_F(IndexTotals, LookUp_TotalsAndTop_CostMore) {
  const auto reader = this->reader();
  const index::Thresholds thresholds{.immediate_rows = 1500, .pool_rows = 5000};
  query::PlanShape shape = rows();
  query::Plan plan = plan_of(shape, {std::string("a")});
  EXPECT_EQ(look_up(plan, *reader, thresholds).cost, index::Cost::immediate);
  plan.total_rows = true;
  EXPECT_EQ(look_up(plan, *reader, thresholds).cost, index::Cost::pool);
  shape.top = query::TopRows{.per = {0}, .order = {{1, true}, {0, false}}, .limit = 2};
  const query::Plan top = plan_of(shape, {std::string("a")});
  EXPECT_EQ(look_up(top, *reader, thresholds).cost, index::Cost::pool);
  EXPECT_EQ(count_rows(top, *reader, look_up(top, *reader)).value(), 20);
}

TEST_F(IndexTotals, CountRows_TooManyToHold_AsksDuckDb) {
  const auto reader = this->reader();
  query::PlanShape shape = rows();
  shape.top = query::TopRows{.per = {0, 1}, .order = {{1, true}, {0, false}}, .limit = 2};
  const query::Plan plan = plan_of(shape, {std::string("a")});
  const auto counted =
      count_rows(plan, *reader, look_up(plan, *reader), nullptr, {.candidates = 100, .groups = 10});
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace offloader::local_executor
