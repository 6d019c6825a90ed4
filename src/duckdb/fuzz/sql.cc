// Contracts with arbitrary names and every feature: the rendered SQL parses as one SELECT, and its
// identifiers are exactly those of the contract and those that Offloader itself makes up.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "bucket_sql.h"
#include "duckdb_handle.h"
#include "offloader/base/utf8.h"
#include "sql_render.h"

namespace {

using namespace offloader;
using nlohmann::json;

// Parses statements with DuckDB's own parser.
class SqlParser {
 public:
  SqlParser() {
    auto database = duckdb::open_instance({1, 0, true, {}, {}, {}, {}});
    if (!database) std::abort();
    auto connection = duckdb::Connection::open(*database);
    if (!connection) std::abort();
    connection_.emplace(std::move(*connection));
    auto statement = prepare(*connection_, "SELECT json_serialize_sql($1::VARCHAR)");
    if (!statement) std::abort();
    statement_.emplace(std::move(*statement));
  }

  json parse(const std::string& sql) {
    duckdb_result result;
    if (duckdb_bind_varchar_length(statement_->get(), 1, sql.data(), sql.size()) != DuckDBSuccess ||
        duckdb_execute_prepared(statement_->get(), &result) != DuckDBSuccess)
      std::abort();
    char* text = duckdb_value_varchar(&result, 0, 0);
    json out = json::parse(text);
    duckdb_free(text);
    duckdb_destroy_result(&result);
    return out;
  }

 private:
  std::optional<duckdb::Connection> connection_;
  std::optional<duckdb::Statement> statement_;
};

struct Names {
  std::set<std::string> columns;
  std::set<std::string> aliases;
  std::set<std::string> functions;
  std::set<std::string> tables;
};

void collect(const json& node, Names& names) {
  if (node.is_array()) {
    for (const json& item : node) collect(item, names);
  }
  if (!node.is_object()) return;
  for (const auto& [key, value] : node.items()) {
    if (key == "column_names") {
      for (const json& name : value) names.columns.insert(name);
    } else if (key == "alias" && !value.get<std::string>().empty()) {
      names.aliases.insert(value);
    } else if (key == "function_name") {
      names.functions.insert(value);
    } else if (key == "table_name" && !value.get<std::string>().empty()) {
      names.tables.insert(value);
    }
    collect(value, names);
  }
}

constexpr catalog::TypeSet kTimes = {catalog::ColumnType::date, catalog::ColumnType::timestamp,
                                     catalog::ColumnType::timestamptz};

// Makes shapes of the kind that the compiler makes. Names are arbitrary; zones, numbers and what else the
// catalog checks are not.
class ShapeMaker {
 public:
  explicit ShapeMaker(FuzzedDataProvider& input) : input_(input) {}

  query::PlanShape make() {
    const std::size_t columns = between(1, 5);
    for (std::size_t i = 0; i < columns; ++i) {
      catalog::SizedType type = input_.PickValueInArray(catalog::kColumnTypes).type;
      if (type == catalog::ColumnType::decimal) type = catalog::decimal_type(12, 2);
      shape_.schema.push_back({name(), type, ""});
    }
    const std::size_t selects = between(1, 5);
    for (std::size_t i = 0; i < selects; ++i) add_projection();
    if (shape_.aggregated && input_.ConsumeBool()) add_expression();
    for (std::size_t i = 0; i < shape_.projections.size(); ++i) {
      if (!shape_.projections[i].of_group() && (shape_.aggregated || input_.ConsumeBool()))
        shape_.group_by.push_back(i);
      shape_.order.push_back({i, input_.ConsumeBool()});
    }
    shape_.conditions = conditions(columns);
    if (shape_.aggregated && input_.ConsumeBool()) shape_.having = conditions(shape_.projections.size());
    if (input_.ConsumeBool()) add_top();
    return std::move(shape_);
  }

 private:
  std::string name() { return input_.ConsumeRandomLengthString(24); }
  std::size_t between(std::size_t least, std::size_t most) {
    return input_.ConsumeIntegralInRange<std::size_t>(least, most);
  }
  std::size_t column() { return between(0, shape_.schema.size() - 1); }
  std::string zone() {
    static constexpr const char* kZones[] = {"", "Europe/Berlin", "America/Havana", "Etc/GMT+5"};
    return input_.PickValueInArray(kZones);
  }

  void add_projection() {
    query::Projection projection{name(), column()};
    projection.type = shape_.schema[projection.column].type;
    if (input_.ConsumeBool()) {
      projection.aggregate = input_.PickValueInArray(catalog::kAggregates).aggregate;
      shape_.aggregated = true;
      add_measure(projection);
    } else if (!shape_.bucketed && kTimes.contains(projection.type) && input_.ConsumeBool()) {
      projection.bucket = bucket();
      shape_.bucketed = shape_.projections.size();
    }
    shape_.projections.push_back(std::move(projection));
  }

  void add_measure(query::Projection& projection) {
    query::Measure& measure = projection.measure;
    const catalog::AggregateRow& row = catalog::row_of(*projection.aggregate);
    if (row.aggregate == catalog::Aggregate::count && input_.ConsumeBool()) {
      measure.rows = true;
      projection.column = 0;
    }
    if (row.aggregate == catalog::Aggregate::quantile) {
      measure.quantile = "0.95";
      measure.discrete = input_.ConsumeBool();
    }
    if (row.ordered) measure.by = column();
    if (input_.ConsumeBool()) measure.where = conditions(shape_.schema.size());
    measure.never = input_.ConsumeBool() && input_.ConsumeBool();
  }

  query::Bucket bucket() {
    return {.grain = input_.PickValueInArray(catalog::kGrains).grain,
            .zone = zone(),
            .week_start = static_cast<catalog::WeekStart>(between(0, 1)),
            .fill = static_cast<catalog::Fill>(between(0, 2)),
            .instants = input_.ConsumeBool()};
  }

  void add_expression() {
    using Step = catalog::ExpressionStep;
    catalog::Expression expression;
    std::vector<std::size_t> aggregates;
    for (std::size_t i = 0; i < shape_.projections.size(); ++i) {
      if (shape_.projections[i].aggregate) aggregates.push_back(i);
    }
    const auto operand = [&] {
      if (input_.ConsumeBool()) {
        expression.steps.push_back(
            {.kind = Step::Kind::number, .number = input_.ConsumeBool() ? "100" : "0.25"});
      } else {
        expression.steps.push_back(
            {.kind = Step::Kind::aggregate, .select = aggregates[between(0, aggregates.size() - 1)]});
      }
    };
    expression.steps.push_back({.kind = Step::Kind::aggregate, .select = aggregates.front()});
    const std::size_t more = between(0, 6);
    for (std::size_t i = 0; i < more; ++i) {
      const auto kind = static_cast<Step::Kind>(between(2, 6));
      if (kind != Step::Kind::negate) operand();
      expression.steps.push_back({.kind = kind});
    }
    if (input_.ConsumeBool()) expression.type = catalog::decimal_type(38, 2);
    query::Projection projection{name()};
    projection.type = expression.type;
    projection.expression = std::move(expression);
    shape_.projections.push_back(std::move(projection));
  }

  query::Test test() {
    const auto comparison = [&] { return static_cast<query::Comparison>(between(0, 5)); };
    switch (between(0, 4)) {
      case 0:
        return query::Compare(comparison(), input_.ConsumeBool());
      case 1:
        return query::Among{input_.ConsumeBool(), input_.ConsumeBool(), input_.ConsumeBool()};
      case 2:
        return query::Match{static_cast<query::Match::How>(between(0, 2))};
      case 3:
        return query::NullTest{};
      default:
        return query::CompareDay{comparison(), input_.ConsumeBool()};
    }
  }

  // Conditions on one of `columns`, some of them as alternatives.
  std::vector<query::Condition> conditions(std::size_t columns) {
    std::vector<query::Condition> out;
    const std::size_t count = between(0, 4);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t alternatives = between(1, 3);
      for (std::size_t k = 0; k < alternatives; ++k) {
        const std::size_t column = between(0, columns - 1);
        out.push_back({column, shape_.schema[column % shape_.schema.size()].type, test(),
                       alternatives > 1 ? i + 1 : 0, zone()});
      }
    }
    return out;
  }

  void add_top() {
    query::TopRows top;
    top.limit = input_.ConsumeIntegralInRange<std::int64_t>(1, 1000);
    for (std::size_t i = 0; i < shape_.projections.size(); ++i) {
      if (input_.ConsumeBool()) top.per.push_back(i);
    }
    top.order = shape_.order;
    shape_.top = std::move(top);
  }

  FuzzedDataProvider& input_;
  query::PlanShape shape_;
};

void add_columns(Names& names, const query::PlanShape& shape,
                 const std::vector<query::Condition>& conditions) {
  for (const auto& condition : conditions) names.columns.insert(shape.schema[condition.column].name);
}

// The names of the contract in the SQL of a shape.
Names names_of(const query::PlanShape& shape, bool never) {
  Names names;
  for (const auto& projection : shape.projections) {
    if (projection.reads_column()) names.columns.insert(shape.schema[projection.column].name);
    names.aliases.insert(projection.as);
    if (projection.measure.by) names.columns.insert(shape.schema[*projection.measure.by].name);
    if (!projection.measure.never) add_columns(names, shape, projection.measure.where);
  }
  if (!never) add_columns(names, shape, shape.conditions);
  return names;
}

// The catalog rejects such names.
bool has_unusable(const std::set<std::string>& names) {
  return std::ranges::any_of(names, [](const std::string& text) {
    return text.empty() || text.find('\0') != std::string::npos || !is_utf8(text);
  });
}

// The names that rendering makes up: of the columns and tables of inner queries.
const std::set<std::string>& made_up() {
  static const std::set<std::string> names = {
      "found",    "bounds",  "ends", "axis", "others", "added", "answer",    "present",
      "one",      "a",       "z",    "k",    "x",      "i",     "first_day", "last_day",
      "first_at", "last_at", "c0",   "c1",   "c2",     "c3",    "c4",        "c5"};
  return names;
}

// Requires every one of `wanted`, and allows `allowed` beside them.
void expect_names(const std::set<std::string>& found, const std::set<std::string>& wanted,
                  const std::set<std::string>& allowed) {
  const auto stop = [](const char* what, const std::string& name) {
    std::fprintf(stderr, "%s: %s\n", what, name.c_str());
    std::abort();
  };
  for (const std::string& each : wanted) {
    if (!found.contains(each)) stop("the SQL lacks the name", each);
  }
  for (const std::string& each : found) {
    if (!wanted.contains(each) && !allowed.contains(each)) stop("the SQL must not contain the name", each);
  }
}

void check(SqlParser& parser, const query::PlanShape& shape, const Names& wanted, const std::string& sql) {
  const json tree = parser.parse(sql);
  if (tree["error"] != false || tree["statements"].size() != 1) std::abort();
  Names found;
  collect(tree["statements"], found);
  const bool layered =
      shape.filled() != nullptr ||
      (shape.bucketed && duckdb::has_costly_value(*shape.projections[*shape.bucketed].bucket));
  const bool plain = !layered && !shape.top;
  const bool computes = !shape.having.empty() || std::ranges::any_of(shape.projections, [](const auto& each) {
    return each.expression.has_value();
  });
  std::set<std::string> columns = plain ? std::set<std::string>() : made_up();
  // Outer queries name columns as the answer does.
  if (computes) columns.insert(wanted.aliases.begin(), wanted.aliases.end());
  expect_names(found.columns, wanted.columns, columns);
  std::set<std::string> aliases = plain ? std::set<std::string>() : made_up();
  aliases.insert("answer");
  expect_names(found.aliases, wanted.aliases, aliases);
  expect_names(found.tables, {"rows"}, shape.filled() != nullptr ? made_up() : std::set<std::string>());
  // Operators and intervals are functions to the parser.
  static const std::set<std::string> kFunctions = {"sum",
                                                   "avg",
                                                   "min",
                                                   "max",
                                                   "count",
                                                   "count_star",
                                                   "median",
                                                   "quantile_cont",
                                                   "quantile_disc",
                                                   "first",
                                                   "isfinite",
                                                   "abs",
                                                   "+",
                                                   "-",
                                                   "*",
                                                   "/",
                                                   "//",
                                                   "prefix",
                                                   "contains",
                                                   "lower",
                                                   "timezone",
                                                   "date_trunc",
                                                   "day",
                                                   "isodow",
                                                   "dayofweek",
                                                   "dayofyear",
                                                   "epoch_us",
                                                   "date_diff",
                                                   "to_hours",
                                                   "to_minutes",
                                                   "to_months",
                                                   "to_microseconds",
                                                   "trunc",
                                                   "greatest",
                                                   "least",
                                                   "generate_series",
                                                   "unnest",
                                                   "error",
                                                   "random",
                                                   "row_number"};
  expect_names(found.functions, {}, kFunctions);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static SqlParser parser;
  FuzzedDataProvider input(data, size);
  const query::PlanShape shape = ShapeMaker(input).make();
  const bool never = input.ConsumeBool();
  const Names wanted = names_of(shape, never);
  if (has_unusable(wanted.columns) || has_unusable(wanted.aliases)) return 0;
  check(parser, shape, wanted, duckdb::render_sql(shape, never, "s1.main.rows"));
  check(parser, shape, wanted, duckdb::render_count_sql(shape, never, "s1.main.rows"));
  return 0;
}
