#include "index_scene.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "index_build.h"
#include "offloader/base/decimal.h"
#include "offloader/duckdb/plan_statement.h"
#include "offloader/duckdb/testing/json_answer.h"
#include "offloader/duckdb/testing/unlocked.h"
#include "offloader/query/describe.h"
#include "offloader/rows/json_writer.h"

namespace offloader::local_executor {
namespace {

constexpr const char* kAggregates[] = {"sum", "avg", "min", "max", "count"};

std::string literal(const query::Value& value) {
  std::string out;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number) + "::HUGEINT";
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("'{:.17g}'::DOUBLE", *real);
  if (const auto* date = std::get_if<query::Date>(&value))
    return "(DATE '1970-01-01' + " + std::to_string(date->days) + ")";
  if (const auto* time = std::get_if<query::Timestamp>(&value))
    return "make_timestamp(" + std::to_string(time->micros) + ")";
  if (const auto* decimal = std::get_if<query::Decimal>(&value)) {
    append_decimal(out, decimal->unscaled, decimal->scale);
    return fmt::format("'{}'::DECIMAL(38,{})", out, decimal->scale);
  }
  if (const auto* uuid = std::get_if<Uuid>(&value)) {
    append_uuid(out, *uuid);
    return "'" + out + "'::UUID";
  }
  for (const char c : std::get<std::string>(value)) out += c == '\'' ? "''" : std::string(1, c);
  return "'" + out + "'";
}

// A test as SQL with literals, in the words of SQL instead of those of the renderer.
struct TestText {
  std::string column;
  const query::Value& value;
  const query::ValueList* list;

  std::string operator()(const query::Compare& test) const {
    const std::string text = column + " " + std::string(name_of(test.comparison)) + " " + literal(value);
    return test.or_null ? "(" + text + " OR " + column + " IS NULL)" : text;
  }
  std::string operator()(const query::Among& test) const {
    std::string text;
    for (const query::Value& each : *list) {
      const std::string compared = test.by_day ? "CAST(" + column + " AS DATE)" : column;
      text += (text.empty() ? "" : " OR ") + compared + " = " + literal(each);
    }
    if (list->empty()) return test.negated ? "true" : "false";
    if (!test.negated) return "(" + text + ")";
    return "(NOT (" + text + ")" + (test.or_null ? " OR " + column + " IS NULL)" : ")");
  }
  std::string operator()(const query::Match& test) const {
    const std::string sought = literal(value);
    if (test.how == query::Match::How::prefix) return "starts_with(" + column + ", " + sought + ")";
    if (test.how == query::Match::How::contains) return "strpos(" + column + ", " + sought + ") > 0";
    return "strpos(lower(" + column + "), lower(" + sought + ")) > 0";
  }
  std::string operator()(const query::CompareDay&) const { return "false"; }  // only in tests of buckets
  std::string operator()(const query::NullTest&) const {
    return column + (std::get<bool>(value) ? " IS NULL" : " IS NOT NULL");
  }
};

}  // namespace

void IndexScene::SetUp() {
  std::string pattern = (std::filesystem::temp_directory_path() / "offloader-index-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
  connection_.emplace(*duckdb::Connection::open(duckdb::testing::open_unlocked()));
  run("SET threads=1");
  run("SET TimeZone='UTC'");
}

void IndexScene::TearDown() {
  connection_.reset();
  std::filesystem::remove_all(folder_);
}

void IndexScene::run(const std::string& sql) {
  const auto done = connection_->query(sql);
  ASSERT_TRUE(done) << done.error().detail << sql;
}

void IndexScene::build(const std::vector<catalog::Column>& schema, std::size_t sorted) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 1; i <= sorted; ++i) columns.push_back(i);
  build_by(schema, std::move(columns));
}

void IndexScene::build_sorted(const std::vector<catalog::Column>& schema, std::size_t sorted_by) {
  build_by(schema, {sorted_by});
}

void IndexScene::build_by(const std::vector<catalog::Column>& schema, std::vector<std::size_t> sorted) {
  IndexBuild build;
  build.connection = &*connection_;
  build.table = "t";
  build.layout.schema = schema;
  build.layout.tenant_column = 0;
  build.layout.sort_columns = std::move(sorted);
  for (std::size_t i = 0; i < schema.size(); ++i) build.layout.indexed_columns.push_back(i);
  build.output = index_path();
  const auto built = build_index(build);
  ASSERT_TRUE(built) << built.error().detail;
}

std::shared_ptr<const index::Reader> IndexScene::index(const std::vector<catalog::Column>& schema,
                                                       std::size_t sorted) {
  build(schema, sorted);
  auto reader = index::Reader::open(index_path(), schema);
  EXPECT_TRUE(reader) << reader.error().detail;
  return reader ? *reader : nullptr;
}

Result<JsonRows> IndexScene::by_renderer(const query::Plan& plan,
                                         const std::vector<catalog::SizedType>& types) {
  const bool never = duckdb::matches_nothing(plan, types);
  rows::JsonWriter writer;
  const auto statement = duckdb::PlanStatement::prepare(*connection_, *plan.shape, never, "t", types,
                                                        duckdb::Part::page, duckdb::seek_form(plan, types));
  if (!statement) return fail(statement.error());
  const auto answer = statement->run(plan, types, writer);
  if (!answer) return fail(answer.error());
  if (auto finished = writer.finish(); !finished) return fail(finished.error());
  return JsonRows{{.row_count = answer->row_count, .has_more = answer->has_more, .end = answer->end},
                  writer.take().text};
}

Result<JsonRows> IndexScene::by_renderer(const query::Plan& plan) {
  std::vector<catalog::SizedType> types;
  for (const catalog::Column& column : plan.shape->schema) types.push_back(column.type);
  return by_renderer(plan, types);
}

JsonRows IndexScene::by_duckdb(const query::Plan& plan) {
  const query::PlanShape& shape = *plan.shape;
  const bool measures = std::any_of(
      shape.projections.begin(), shape.projections.end(), [](const query::Projection& projection) {
        return projection.expression || projection.measure.rows || projection.measure.filters_rows() ||
               projection.aggregate > catalog::Aggregate::count;
      });
  // Such plans are answered by the renderer: the reference evaluator checks it.
  if (measures || !shape.having.empty()) {
    auto rows = by_renderer(plan);
    EXPECT_TRUE(rows) << rows.error().detail << to_text(plan);
    return rows ? *rows : JsonRows{};
  }
  const auto expression = [&](const query::Projection& projection) {
    const std::string column = "\"" + shape.schema[projection.column].name + "\"";
    if (!projection.aggregate) return column;
    const std::string call =
        std::string(kAggregates[static_cast<int>(*projection.aggregate)]) + "(" + column + ")";
    // A sum that JSON cannot represent is null, also when rows are ordered by it.
    const bool adds =
        *projection.aggregate == catalog::Aggregate::sum || *projection.aggregate == catalog::Aggregate::avg;
    const bool floating = shape.schema[projection.column].type == catalog::ColumnType::float64;
    return adds && floating ? "CASE WHEN isfinite(" + call + ") THEN " + call + " END" : call;
  };
  std::string sql = "SELECT ";
  for (std::size_t i = 0; i < shape.projections.size(); ++i)
    sql += (i ? ", " : "") + expression(shape.projections[i]) + " AS x" + std::to_string(i);
  sql += " FROM t WHERE " + std::string(plan.never ? "false" : "true");
  const query::ValueList* list = plan.lists.data();
  for (std::size_t i = 0; i < shape.conditions.size(); ++i) {
    const query::Condition& condition = shape.conditions[i];
    const std::size_t before = i == 0 ? 0 : shape.conditions[i - 1].any;
    const std::size_t after = i + 1 == shape.conditions.size() ? 0 : shape.conditions[i + 1].any;
    const bool follows = condition.any != 0 && condition.any == before;
    sql += follows ? " OR " : condition.any != 0 ? " AND (" : " AND ";
    sql += std::visit(TestText{"\"" + shape.schema[condition.column].name + "\"", plan.values[i], list},
                      condition.test);
    if (condition.any != 0 && condition.any != after) sql += ")";
    if (std::holds_alternative<query::Among>(condition.test)) ++list;
  }
  for (std::size_t i = 0; i < shape.group_by.size(); ++i) {
    sql += (i ? ", " : " GROUP BY ") + expression(shape.projections[shape.group_by[i]]);
  }
  const auto order = [](const std::vector<query::OrderKey>& keys) {
    std::string text;
    for (const query::OrderKey& key : keys) {
      text += fmt::format("{}x{}{} NULLS LAST", text.empty() ? " ORDER BY " : ", ", key.projection,
                          key.descending ? " DESC" : " ASC");
    }
    return text;
  };
  if (shape.top) {
    std::string per;
    for (const std::size_t projection : shape.top->per)
      per += fmt::format("{}x{}", per.empty() ? "PARTITION BY " : ", ", projection);
    sql = fmt::format(
        "SELECT * EXCLUDE (place) FROM (SELECT *, row_number() OVER ({}{}) AS place FROM ({})) WHERE place "
        "<= {}",
        per, order(shape.top->order), sql, shape.top->limit);
  }
  sql = "SELECT * FROM (" + sql + ")" + order(shape.order);
  sql += " LIMIT " + std::to_string(plan.limit + 1) + " OFFSET " + std::to_string(plan.offset);
  const auto answer = duckdb::testing::json_answer(*connection_, sql, plan);
  EXPECT_TRUE(answer) << answer.error().message << sql;
  if (!answer) return {};
  return JsonRows{{.row_count = answer->row_count, .has_more = answer->has_more}, answer->json};
}

}  // namespace offloader::local_executor
