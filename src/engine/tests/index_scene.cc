#include "index_scene.h"

#include <fmt/format.h>
#include <unistd.h>

#include "index_build.h"
#include "offloader/base/json_text.h"

namespace offloader::engine {
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
  for (const char c : std::get<std::string>(value)) out += c == '\'' ? "''" : std::string(1, c);
  return "'" + out + "'";
}

void append_cell(std::string& out, duckdb_vector vector, idx_t row, bool document) {
  const auto* validity = duckdb_vector_get_validity(vector);
  if (validity != nullptr && !duckdb_validity_row_is_valid(const_cast<std::uint64_t*>(validity), row)) {
    out += "null";
    return;
  }
  const void* data = duckdb_vector_get_data(vector);
  duckdb_logical_type type = duckdb_vector_get_column_type(vector);
  const duckdb_type id = duckdb_get_type_id(type);
  duckdb_destroy_logical_type(&type);
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN:
      json::append_bool(out, static_cast<const bool*>(data)[row]);
      break;
    case DUCKDB_TYPE_INTEGER:
      json::append_int(out, static_cast<const std::int32_t*>(data)[row]);
      break;
    case DUCKDB_TYPE_BIGINT:
      json::append_int(out, static_cast<const std::int64_t*>(data)[row]);
      break;
    case DUCKDB_TYPE_HUGEINT:
      json::append_int128(out, static_cast<const Int128*>(data)[row]);
      break;
    case DUCKDB_TYPE_DOUBLE:
      json::append_double(out, static_cast<const double*>(data)[row]);
      break;
    case DUCKDB_TYPE_DATE:
      json::append_date(out, static_cast<const std::int32_t*>(data)[row]);
      break;
    case DUCKDB_TYPE_TIMESTAMP:
      json::append_timestamp(out, static_cast<const std::int64_t*>(data)[row]);
      break;
    case DUCKDB_TYPE_VARCHAR: {
      auto string = static_cast<const duckdb_string_t*>(data)[row];
      const std::string_view text(duckdb_string_t_data(&string), duckdb_string_t_length(string));
      if (document) {
        out += text;
      } else {
        json::append_string(out, text);
      }
      break;
    }
    default:
      FAIL() << "type " << id;
  }
}

}  // namespace

void IndexScene::SetUp() {
  std::string pattern = (std::filesystem::temp_directory_path() / "offloader-index-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
  ASSERT_EQ(duckdb_open(nullptr, &database_), DuckDBSuccess);
  ASSERT_EQ(duckdb_connect(database_, &connection_), DuckDBSuccess);
  run("SET threads=1");
}

void IndexScene::TearDown() {
  duckdb_disconnect(&connection_);
  duckdb_close(&database_);
  std::filesystem::remove_all(folder_);
}

void IndexScene::run(const std::string& sql) {
  duckdb_result result;
  ASSERT_EQ(duckdb_query(connection_, sql.c_str(), &result), DuckDBSuccess)
      << duckdb_result_error(&result) << sql;
  duckdb_destroy_result(&result);
}

void IndexScene::build(const std::vector<catalog::Column>& schema, std::size_t sorted) {
  IndexBuild build;
  build.connection = connection_;
  build.table = "t";
  build.layout.schema = schema;
  build.layout.tenant_column = 0;
  for (std::size_t i = 1; i <= sorted; ++i) build.layout.sort_columns.push_back(i);
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

JsonRows IndexScene::by_duckdb(const query::Plan& plan) {
  const query::PlanShape& shape = *plan.shape;
  const auto expression = [&](const query::Projection& projection) {
    const std::string column = "\"" + shape.schema[projection.column].name + "\"";
    if (!projection.aggregate) return column;
    const std::string call =
        std::string(kAggregates[static_cast<int>(*projection.aggregate)]) + "(" + column + ")";
    // A sum that no JSON number can hold is null, for the order too.
    const bool adds =
        *projection.aggregate == catalog::Aggregate::sum || *projection.aggregate == catalog::Aggregate::avg;
    const bool floating = shape.schema[projection.column].type == catalog::ColumnType::float64;
    return adds && floating ? "CASE WHEN isfinite(" + call + ") THEN " + call + " END" : call;
  };
  std::string sql = "SELECT ";
  for (std::size_t i = 0; i < shape.projections.size(); ++i)
    sql += (i ? ", " : "") + expression(shape.projections[i]);
  sql += " FROM t WHERE " + std::string(plan.never ? "false" : "true");
  for (std::size_t i = 0; i < shape.conditions.size(); ++i) {
    const char* signs[] = {" = ", " >= ", " <= ", " < "};
    sql += " AND \"" + shape.schema[shape.conditions[i].column].name + "\"" +
           signs[static_cast<int>(shape.conditions[i].comparison)] + literal(plan.values[i]);
  }
  for (std::size_t i = 0; i < shape.group_by.size(); ++i) {
    sql += (i ? ", " : " GROUP BY ") + expression(shape.projections[shape.group_by[i]]);
  }
  for (std::size_t i = 0; i < shape.order.size(); ++i) {
    sql += (i ? ", " : " ORDER BY ") + expression(shape.projections[shape.order[i].projection]) +
           (shape.order[i].descending ? " DESC NULLS LAST" : " ASC NULLS LAST");
  }
  sql += " LIMIT " + std::to_string(plan.limit + 1) + " OFFSET " + std::to_string(plan.offset);
  JsonRows rows;
  rows.json = "[";
  duckdb_result result;
  EXPECT_EQ(duckdb_query(connection_, sql.c_str(), &result), DuckDBSuccess)
      << duckdb_result_error(&result) << sql;
  while (duckdb_data_chunk chunk = duckdb_fetch_chunk(result)) {
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk); ++row) {
      if (rows.row_count == plan.limit) {
        rows.has_more = true;
        continue;
      }
      rows.json += rows.row_count++ == 0 ? "{" : ",{";
      for (std::size_t c = 0; c < plan.columns.size(); ++c) {
        const query::Projection& projection = shape.projections[plan.columns[c]];
        if (c > 0) rows.json += ",";
        json::append_string(rows.json, projection.as);
        rows.json += ":";
        append_cell(rows.json, duckdb_data_chunk_get_vector(chunk, plan.columns[c]), row,
                    projection.type == catalog::ColumnType::json);
      }
      rows.json += "}";
    }
    duckdb_destroy_data_chunk(&chunk);
  }
  duckdb_destroy_result(&result);
  rows.json += "]";
  return rows;
}

}  // namespace offloader::engine
