#include "random_plans.h"

#include <algorithm>

namespace offloader::local_executor {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;

const std::vector<catalog::Column> kSchema = {
    {"tenant", ColumnType::varchar}, {"day", ColumnType::date},       {"region", ColumnType::varchar},
    {"small", ColumnType::integer},  {"big", ColumnType::bigint},     {"amount", ColumnType::float64},
    {"at", ColumnType::timestamp},   {"flag", ColumnType::boolean},   {"doc", ColumnType::json},
    {"nothing", ColumnType::bigint}, {"counted", ColumnType::integer}};

query::Value random_value(ColumnType type, const auto& below) {
  const auto number = static_cast<std::int64_t>(below(30)) - 15;
  switch (type) {
    case ColumnType::boolean:
      return below(2) == 0;
    case ColumnType::integer:
    case ColumnType::bigint:
      return below(5) == 0 ? INT64_MAX : number;
    case ColumnType::float64:
      return static_cast<double>(number) / 4;
    case ColumnType::date:
      return query::Date{static_cast<std::int32_t>(number)};
    case ColumnType::timestamp:
      return query::Timestamp{number * 500'000};
    case ColumnType::decimal:
    case ColumnType::timestamptz:
    case ColumnType::uuid:
    case ColumnType::varchar:
    case ColumnType::json:
      break;
  }
  const std::string texts[] = {"b\"q", "m", "", "a", "\u00fc", "z\n", "\"", "z"};
  return texts[below(std::size(texts))];
}

query::ValueList random_list(ColumnType type, const auto& below) {
  query::ValueList list;
  for (std::size_t i = below(6); i > 0; --i) list.push_back(random_value(type, below));
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

// Adds lists, searches, tests for null and alternatives.
void add_other_tests(query::PlanShape& shape, query::Plan& plan, const auto& below) {
  std::size_t any = 0;
  for (std::size_t i = below(4); i > 0; --i) {
    const std::size_t column = 1 + below(kSchema.size() - 1);
    const ColumnType type = kSchema[column].type;
    query::Condition condition{column, type, query::NullTest{}};
    query::Value value = below(2) == 0;
    const std::size_t kind = type == ColumnType::json ? 0 : below(5);
    const bool negated = below(2) == 0;
    if (kind == 1 || kind == 2) {
      const bool by_day = type == ColumnType::timestamp && below(2) == 0;
      condition.test = query::Among{negated, negated && below(2) == 0, by_day};
      plan.lists.push_back(random_list(by_day ? ColumnType::date : type, below));
      value = query::Nothing{};
    } else if (kind == 3) {
      condition.test = query::Compare(query::Comparison::ne, negated);
      value = random_value(type, below);
    } else if (kind == 4 && type == ColumnType::varchar) {
      condition.test = query::Match{static_cast<query::Match::How>(below(3))};
      value = random_value(type, below);
    }
    if (below(2) == 0) {
      condition.any = ++any;
      shape.conditions.push_back(condition);
      plan.values.push_back(value);
      const std::size_t other = below(2) == 0 ? column : 1 + below(7);
      condition = {other, kSchema[other].type, static_cast<query::Comparison>(below(6)), any};
      value = random_value(kSchema[other].type, below);
      if (condition.type == ColumnType::json) {
        condition.test = query::NullTest{};
        value = false;
      }
    }
    shape.conditions.push_back(condition);
    plan.values.push_back(value);
  }
}

// Keeps the first rows of groups by one of the columns that can be ordered.
void add_top(query::PlanShape& shape, const auto& below) {
  const auto is_document = [&](std::size_t i) { return shape.projections[i].type == ColumnType::json; };
  query::TopRows top;
  for (std::size_t i = 0; i < shape.projections.size(); ++i) {
    if (!shape.projections[i].of_group() && !is_document(i) && below(2) == 0) top.per.push_back(i);
  }
  const std::size_t by = below(shape.projections.size());
  if (is_document(by)) return;
  top.order.push_back({by, true});
  for (const query::OrderKey& key : shape.order) {
    if (key.projection != by) top.order.push_back(key);
  }
  top.limit = static_cast<std::int64_t>(1 + below(4));
  shape.top = std::move(top);
}

// Adds conditions on rows to an aggregate.
void add_where(query::Measure& measure, const auto& below) {
  for (std::size_t i = 1 + below(2); i > 0; --i) {
    const std::size_t column = below(kSchema.size());
    const ColumnType type = kSchema[column].type;
    if (type == ColumnType::json) continue;
    query::Condition condition{column, type, query::NullTest{}};
    query::Value value = below(2) == 0;
    if (below(3) == 0) {
      condition.test = query::Among{below(2) == 0};
      measure.lists.push_back(random_list(type, below));
      value = query::Nothing{};
    } else if (below(4) != 0) {
      condition.test = static_cast<query::Comparison>(below(6));
      value = random_value(type, below);
    }
    measure.where.push_back(condition);
    measure.values.push_back(value);
  }
  measure.never = below(20) == 0;
}

// Makes aggregates of every kind that the index computes, with conditions of their own.
void vary(query::Projection& projection, const auto& below) {
  switch (below(8)) {
    case 0:
      projection.aggregate = Aggregate::count_distinct;
      break;
    case 1:
    case 2: {
      projection.aggregate = below(2) == 0 ? Aggregate::first : Aggregate::last;
      std::size_t by = below(kSchema.size());
      while (kSchema[by].type == ColumnType::json) by = below(kSchema.size());
      projection.measure.by = by;
      break;
    }
    case 3:
      projection.aggregate = Aggregate::count;
      projection.measure.rows = true;
      projection.column = 0;
      projection.type = ColumnType::bigint;
      break;
    default:
      break;
  }
  if (below(3) == 0) add_where(projection.measure, below);
}

// Returns an expression of two numbers, or nothing if no aggregate is a number. Sums of doubles are only
// multiplied, so that they stay exact.
std::optional<catalog::Expression> random_expression(const std::vector<query::Projection>& projections,
                                                     const auto& below) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < projections.size(); ++i) {
    if (projections[i].aggregate && catalog::is_numeric(result_type(projections[i]))) numbers.push_back(i);
  }
  if (numbers.empty()) return std::nullopt;
  static constexpr const char* kForms[] = {"a + b", "a - b * 2.25", "-a * 0.5", "a / b", "100 * a / (b - 1)"};
  const std::size_t first = numbers[below(numbers.size())];
  const std::size_t second = numbers[below(numbers.size())];
  const auto parsed = catalog::parse_expression(
      kForms[below(std::size(kForms))],
      [&](std::string_view name) -> tl::expected<catalog::ExpressionPart, catalog::ExpressionError> {
        const std::size_t part = name == "a" ? first : second;
        return catalog::ExpressionPart{part, result_type(projections[part])};
      });
  return *parsed;
}

void add_having(query::PlanShape& shape, query::Plan& plan, const auto& below) {
  for (std::size_t i = 0; i < shape.projections.size(); ++i) {
    const query::Projection& projection = shape.projections[i];
    if (!projection.of_group() || below(4) != 0) continue;
    const catalog::SizedType type = result_type(projection);
    query::Condition condition{i, type, static_cast<query::Comparison>(below(6))};
    query::Value value;
    if (type == ColumnType::decimal) {
      value = query::Decimal{static_cast<Int128>(below(2000)) - 1000, type.size.scale};
    } else if (type == ColumnType::timestamp && below(2) == 0) {
      condition.test = query::Among{.negated = below(2) == 0, .by_day = true};
      plan.having_lists.push_back(random_list(ColumnType::date, below));
      value = query::Nothing{};
    } else {
      value = below(10) == 0 ? query::Value(query::Nothing{}) : random_value(type, below);
    }
    shape.having.push_back(condition);
    plan.having_values.push_back(value);
  }
}

}  // namespace

const std::vector<catalog::Column>& RandomPlans::schema() {
  return kSchema;
}

void RandomPlans::make_table(int rows, int seed) {
  run("SELECT setseed(" + std::to_string(seed % 100 / 100.0) + ")");
  run("CREATE OR REPLACE TABLE t AS SELECT * FROM (SELECT 'tenant-' || (random()*4)::INT AS tenant,"
      " CASE WHEN random()<0.05 THEN NULL ELSE DATE '1969-12-20' + (random()*30)::INT END AS day,"
      " CASE WHEN random()<0.1 THEN NULL ELSE ['a','b\"q','ü','','z\\n'][1+(random()*4)::INT] END AS "
      "region,"
      " CASE WHEN random()<0.1 THEN NULL ELSE (random()*20-10)::INTEGER END AS small,"
      " CASE WHEN random()<0.3 THEN 9223372036854775807 WHEN random()<0.3 THEN -9223372036854775807"
      "  ELSE (random()*1000)::BIGINT END AS big,"
      " CASE WHEN random()<0.1 THEN NULL WHEN random()<0.1 THEN 'nan'::DOUBLE WHEN random()<0.1 THEN "
      "'inf'::DOUBLE"
      "  WHEN random()<0.1 THEN 0.0 ELSE round(random()*8-4)/4 + 0.0 END AS amount,"
      " CASE WHEN random()<0.1 THEN NULL ELSE TIMESTAMP '1969-12-31 23:59:50.5' + "
      "to_seconds((random()*20)::INT) END AS at,"
      " CASE WHEN random()<0.2 THEN NULL ELSE random()<0.5 END AS flag,"
      " CASE WHEN random()<0.2 THEN NULL ELSE '{\"k\":' || (random()*5)::INT || '}' END AS doc,"
      " NULL::BIGINT AS nothing, (random()*2000-1000)::INTEGER AS counted FROM range(" +
      std::to_string(rows) + ")) ORDER BY tenant, day, region");
}

query::Plan RandomPlans::random_plan(std::mt19937& random) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  static std::uint64_t next_id = 1;
  auto shape = std::make_shared<query::PlanShape>();
  shape->id = next_id++;
  shape->schema = kSchema;
  const bool grouped = below(2) == 0;
  const std::size_t count = 1 + below(5);
  // The index stores sums for runs of one tenant and day. Generate more such plans than chance would.
  const bool by_day = grouped && below(4) == 0;
  std::vector<query::OrderKey> order;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t column = below(kSchema.size());
    while (grouped && kSchema[column].type == ColumnType::json) column = below(kSchema.size());
    query::Projection projection{"p" + std::to_string(i), column, kSchema[column].type, std::nullopt};
    if (by_day && (i == 0 || below(2) == 0)) {
      projection.column = i == 0 ? 1 : kSchema.size() - 1;
      projection.type = kSchema[projection.column].type;
    }
    if (grouped && (by_day ? i != 0 : below(2) == 0)) {
      projection.aggregate =
          static_cast<Aggregate>(catalog::is_numeric(projection.type) ? below(5) : 2 + below(3));
      shape->aggregated = true;
      if (below(2) == 0) vary(projection, below);
    } else if (grouped) {
      shape->group_by.push_back(i);
    }
    shape->projections.push_back(projection);
    order.push_back({i, below(3) == 0});
  }
  for (std::size_t i = 0; i < 2 && below(3) == 0; ++i) {
    query::Projection projection{"x" + std::to_string(i), 0, ColumnType::float64, std::nullopt};
    projection.expression = random_expression(shape->projections, below);
    if (!projection.expression) break;
    projection.type = projection.expression->type;
    order.push_back({shape->projections.size(), below(3) == 0});
    shape->projections.push_back(projection);
  }
  std::shuffle(order.begin(), order.end(), random);
  std::stable_sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    return shape->projections[a.projection].type != ColumnType::json &&
           shape->projections[b.projection].type == ColumnType::json;
  });
  shape->order = order;
  query::Plan plan;
  const auto condition = [&](std::size_t column, query::Comparison comparison, query::Value value) {
    shape->conditions.push_back({column, kSchema[column].type, comparison});
    plan.values.push_back(std::move(value));
  };
  if (by_day || below(3) != 0) {
    shape->tenant_scoped = true;
    condition(0, query::Comparison::eq, "tenant-" + std::to_string(below(6)));
  }
  for (std::size_t i = below(4); i > 0; --i) {
    const std::size_t column = by_day ? 1 : 1 + below(kSchema.size() - 1);
    const auto comparison = static_cast<query::Comparison>(below(5));
    const auto number = static_cast<std::int64_t>(below(30)) - 15;
    switch (kSchema[column].type) {
      case ColumnType::boolean:
        condition(column, comparison, below(2) == 0);
        break;
      case ColumnType::integer:
      case ColumnType::bigint:
        condition(column, comparison, below(5) == 0 ? INT64_MAX : number);
        break;
      case ColumnType::float64:
        condition(column, comparison, static_cast<double>(number) / 4);
        break;
      case ColumnType::date:
        condition(column, comparison, query::Date{static_cast<std::int32_t>(number)});
        break;
      case ColumnType::timestamp:
        condition(column, comparison, query::Timestamp{number * 500'000});
        break;
      case ColumnType::varchar:
        condition(column, comparison, std::string(below(2) == 0 ? "b\"q" : "m"));
        break;
      case ColumnType::decimal:
      case ColumnType::timestamptz:
      case ColumnType::uuid:
      case ColumnType::json:
        break;
    }
  }
  add_other_tests(*shape, plan, below);
  if (below(3) == 0) add_top(*shape, below);
  if (shape->aggregated && below(3) == 0) add_having(*shape, plan, below);
  plan.never = below(30) == 0;
  plan.limit = static_cast<std::int64_t>(1 + below(40));
  plan.offset = below(2) == 0 ? 0 : static_cast<std::int64_t>(below(60));
  for (std::size_t i = 0; i < shape->projections.size(); ++i) {
    if (i == 0 || below(4) != 0) plan.columns.push_back(i);
  }
  plan.shape = shape;
  return plan;
}

}  // namespace offloader::local_executor
