// Contracts with arbitrary names: the rendered SQL parses as one SELECT, and its identifiers are exactly
// those of the contract.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using catalog::ColumnType;
  static SqlParser parser;
  FuzzedDataProvider input(data, size);
  const auto name = [&] { return input.ConsumeRandomLengthString(24); };
  query::PlanShape shape;
  const std::size_t columns = input.ConsumeIntegralInRange<std::size_t>(1, 5);
  for (std::size_t i = 0; i < columns; ++i)
    shape.schema.push_back({name(), static_cast<ColumnType>(input.ConsumeIntegralInRange(0, 6))});
  const std::size_t selects = input.ConsumeIntegralInRange<std::size_t>(1, 5);
  for (std::size_t i = 0; i < selects; ++i) {
    query::Projection projection{name(), input.ConsumeIntegralInRange<std::size_t>(0, columns - 1), {}, {}};
    if (input.ConsumeBool())
      projection.aggregate = static_cast<catalog::Aggregate>(input.ConsumeIntegralInRange(0, 4));
    shape.order.push_back({i, input.ConsumeBool()});
    if (!projection.aggregate && input.ConsumeBool()) shape.group_by.push_back(i);
    shape.projections.push_back(std::move(projection));
  }
  const std::size_t conditions = input.ConsumeIntegralInRange<std::size_t>(0, 4);
  for (std::size_t i = 0; i < conditions; ++i)
    shape.conditions.push_back({input.ConsumeIntegralInRange<std::size_t>(0, columns - 1),
                                {},
                                static_cast<query::Comparison>(input.ConsumeIntegralInRange(0, 3))});
  Names wanted;
  for (const auto& projection : shape.projections) {
    wanted.columns.insert(shape.schema[projection.column].name);
    wanted.aliases.insert(projection.as);
  }
  const bool never = input.ConsumeBool();
  if (!never) {
    for (const auto& condition : shape.conditions) wanted.columns.insert(shape.schema[condition.column].name);
  }
  for (const auto* set : {&wanted.columns, &wanted.aliases}) {
    for (const std::string& text : *set) {
      // The catalog rejects such names.
      if (text.empty() || text.find('\0') != std::string::npos || !is_utf8(text)) return 0;
    }
  }

  const std::string sql = duckdb::render_sql(shape, never, "s1.main.rows");
  const json tree = parser.parse(sql);
  if (tree["error"] != false || tree["statements"].size() != 1) std::abort();
  Names found;
  collect(tree["statements"], found);
  static const std::set<std::string> kFunctions = {"sum", "avg", "min", "max", "count"};
  if (found.columns != wanted.columns || found.aliases != wanted.aliases) std::abort();
  if (found.tables != std::set<std::string>{"rows"}) std::abort();
  for (const std::string& function : found.functions) {
    if (!kFunctions.contains(function)) std::abort();
  }
  return 0;
}
