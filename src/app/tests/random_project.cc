#include "random_project.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>

#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "offloader/base/json_text.h"
#include "offloader/base/timestamp.h"
#include "offloader/duckdb/testing/data_file.h"

namespace offloader::app::model {
namespace {

// Values come from small pools, so that filters meet them and groups have members.
const std::vector<std::string> kTexts = {
    "",           "a",         "b",        "alpha",         "ALPHA",
    "naïve",      "Zürich",    "日本語",   "😀 smile",      "o'brien",
    "a,b",        "say \"x\"", "EMERALD+", "tab\there",     "line\nbreak",
    "2026-01-02", "42",        "-7",       "null",          "true",
    " padded ",   "\x01\x1f",  "\\back/",  "\u2028e\u0301", std::string(400, 'z')};
const std::vector<std::string> kDocuments = {
    "{}", "[]", "null", "{\"a\":1}", "[1,2,{\"b\":[true,null]}]", "\"text\"", "12.5", "{\"ü\":\"é\"}"};
// Nested columns of Parquet files, each with documents as it is served: every field of a STRUCT, in its
// order.
struct Nested {
  std::string type;
  std::vector<std::string> documents;
};
const std::vector<Nested> kNested = {
    {"STRUCT(a BIGINT, \"ü\" VARCHAR, c INTEGER[])",
     {R"({"a":1,"ü":"é 日本","c":[1,null,-3]})", R"({"a":null,"ü":null,"c":null})",
      R"({"a":-9223372036854775808,"ü":"say \"x\", o'brien\n\\","c":[]})",
      R"({"a":9223372036854775807,"ü":"","c":[0]})"}},
    {"STRUCT(outer_field STRUCT(inner_field DOUBLE, flag BOOLEAN), many STRUCT(day DATE)[])",
     {R"({"outer_field":{"inner_field":1.5,"flag":true},"many":[{"day":"2026-01-02"},{"day":null},null]})",
      R"({"outer_field":null,"many":[]})",
      R"({"outer_field":{"inner_field":null,"flag":false},"many":null})"}},
    {"MAP(VARCHAR, INTEGER)", {R"({"a":1,"B b":null,"ü":-3})", "{}", R"({"":0})"}},
    {"VARCHAR[][]", {R"([["a",null],[],null,["ü","\"","null"]])", "[]", "[[]]"}},
};
const std::vector<std::int64_t> kIntegers = {0,  1,   -1,  2,          7,           42,
                                             -7, 100, 999, 2147483647, -2147483647, -2147483648LL};
const std::vector<std::int64_t> kBigs = {0,
                                         1,
                                         -1,
                                         42,
                                         9223372036854775807,
                                         -9223372036854775807,
                                         std::numeric_limits<std::int64_t>::min(),
                                         4611686018427387904,
                                         1000000007};
const std::vector<double> kDoubles = {0.0, 1.0, -1.5, 0.1, 42.0, 1e20, -1e-7, 1e16, 123456.789, 2.0};
const std::vector<double> kExtremeDoubles = {0.0,
                                             1.0,
                                             std::numeric_limits<double>::max(),
                                             std::numeric_limits<double>::lowest(),
                                             std::numeric_limits<double>::min(),
                                             std::numeric_limits<double>::denorm_min(),
                                             std::numeric_limits<double>::quiet_NaN(),
                                             std::numeric_limits<double>::infinity(),
                                             -std::numeric_limits<double>::infinity(),
                                             9.99e-6,
                                             1e-5,
                                             9.999999999999999e15,
                                             0.1 + 0.2};
const std::vector<std::int64_t> kDays = {0, -1, -719162, 2932896, 20454, 20455, 20456, 20460, 11016};
constexpr std::int64_t kDay = 86'400'000'000;

std::size_t below(Random& random, std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}
bool chance(Random& random, int percent) {
  return static_cast<int>(below(random, 100)) < percent;
}

template <typename T>
const T& pick(Random& random, const std::vector<T>& pool) {
  return pool[below(random, pool.size())];
}

Cell random_cell(const Column& column, Random& random) {
  switch (column.type) {
    case Type::boolean:
      return chance(random, 50);
    case Type::integer:
      return pick(random, kIntegers);
    case Type::bigint:
      return pick(random, kBigs);
    case Type::float64:
      return pick(random, column.extreme ? kExtremeDoubles : kDoubles);
    case Type::date:
      return pick(random, kDays);
    case Type::timestamp:
      return pick(random, kDays) * kDay + static_cast<std::int64_t>(below(random, 4)) * 21'600'000'000 +
             static_cast<std::int64_t>(below(random, 3)) * 1500;
    case Type::varchar:
      return pick(random, kTexts);
    case Type::json:
      for (const Nested& nested : kNested) {
        if (nested.type == column.nested) return pick(random, nested.documents);
      }
      return pick(random, kDocuments);
  }
  return {};
}

const char* yaml_type(Type type) {
  switch (type) {
    case Type::boolean:
      return "BOOLEAN";
    case Type::integer:
      return "INTEGER";
    case Type::bigint:
      return "BIGINT";
    case Type::float64:
      return "DOUBLE";
    case Type::date:
      return "DATE";
    case Type::timestamp:
      return "TIMESTAMP";
    case Type::varchar:
      return "VARCHAR";
    case Type::json:
      return "JSON";
  }
  return "";
}

std::string quoted(const std::string& text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

bool numeric(Type type) {
  return type == Type::integer || type == Type::bigint || type == Type::float64;
}

bool comparable(const std::string& param, Type column) {
  if (param == "date") return column == Type::date || column == Type::timestamp || column == Type::varchar;
  if (param == "integer") return numeric(column) || column == Type::varchar;
  return column != Type::json;
}

Param random_param(std::size_t number, Random& random) {
  static const std::vector<std::string> kTypes = {"string", "integer", "date", "enum"};
  Param param;
  param.name = fmt::format("p{}", number);
  param.type = pick(random, kTypes);
  param.required = chance(random, 15);
  if (param.type == "enum") {
    for (const std::string& text : kTexts) {
      if (!text.empty() && text.find('\n') == std::string::npos && chance(random, 40))
        param.values.push_back(text);
    }
    if (param.values.empty()) param.values.push_back("alpha");
    if (chance(random, 40)) param.aliases.emplace_back("alias_one", param.values.front());
  } else if (param.type == "string" && chance(random, 30)) {
    param.aliases.emplace_back("alias_two", "EMERALD+");
    param.aliases.emplace_back("C+", "alpha");
  } else if (param.type == "integer" && chance(random, 30)) {
    param.max = 1000;
  }
  if (!param.required && chance(random, 20)) {
    if (param.type == "enum") param.default_value = param.values.back();
    if (param.type == "string") param.default_value = "a";
    if (param.type == "integer") param.default_value = "42";
    if (param.type == "date") param.default_value = "2026-01-02";
  }
  return param;
}

// Over a table and in a serving mode that are decided.
Endpoint random_contract(const Project& project, Endpoint endpoint, Random& random) {
  endpoint.cached = chance(random, 50);
  const Table& table = project.tables[endpoint.table];

  const bool aggregated = chance(random, 50);
  const std::size_t plain = aggregated ? below(random, 3) : 1 + below(random, 5);
  for (std::size_t i = 0; i < plain; ++i) {
    endpoint.selects.push_back({fmt::format("s{}", i), below(random, table.columns.size()), ""});
    if (aggregated) endpoint.group_by.push_back(i);
  }
  if (aggregated) {
    static const std::vector<std::string> kNumeric = {"sum", "avg", "min", "max", "count"};
    static const std::vector<std::string> kOther = {"min", "max", "count"};
    const std::size_t count = 1 + below(random, 3);
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t column = below(random, table.columns.size());
      while (table.columns[column].type == Type::json) column = below(random, table.columns.size());
      const bool sums = numeric(table.columns[column].type) && !table.columns[column].extreme;
      endpoint.selects.push_back({fmt::format("a{}", i), column, pick(random, sums ? kNumeric : kOther)});
    }
  }
  for (std::size_t i = 0; i < endpoint.selects.size(); ++i) {
    if (table.columns[endpoint.selects[i].column].type != Type::json && chance(random, 30))
      endpoint.order_by.emplace_back(i, chance(random, 50));
  }

  const std::size_t params = below(random, 5);
  for (std::size_t i = 0; i < params; ++i) {
    Param param = random_param(i, random);
    for (int attempt = 0; attempt < 8; ++attempt) {
      const std::size_t column = below(random, table.columns.size());
      if (column == table.tenant || !comparable(param.type, table.columns[column].type)) continue;
      static const std::vector<std::string> kOps = {"eq", "gte", "lte"};
      endpoint.filters.push_back({column, pick(random, kOps), i});
      break;
    }
    endpoint.params.push_back(std::move(param));
  }
  if (params > 1 && chance(random, 25)) {
    std::vector<std::size_t> all;
    std::vector<std::size_t> required;
    for (std::size_t i = 0; i < params; ++i) {
      all.push_back(i);
      if (endpoint.params[i].required) required.push_back(i);
    }
    endpoint.combinations.push_back(all);
    if (required != all) endpoint.combinations.push_back(required);
  }
  if (chance(random, 50)) {
    endpoint.default_limit = 1 + static_cast<std::int64_t>(below(random, 10));
    endpoint.max_limit = endpoint.default_limit + static_cast<std::int64_t>(below(random, 200));
  }
  return endpoint;
}

Endpoint random_endpoint(const Project& project, std::size_t number, Random& random) {
  Endpoint endpoint;
  endpoint.name = fmt::format("e{}", number);
  endpoint.table = below(random, project.tables.size());
  endpoint.remote = chance(random, 25);
  return random_contract(project, std::move(endpoint), random);
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  if (!write_file_atomically(path, text)) std::abort();
}

std::string csv_of(const Cell& cell, Type type) {
  if (std::holds_alternative<std::monostate>(cell)) return "";
  if (const auto* flag = std::get_if<bool>(&cell)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<double>(&cell)) return fmt::format("{}", *number);
  if (const auto* text = std::get_if<std::string>(&cell)) {
    std::string out = "\"";
    for (const char c : *text) {
      if (c == '"') out.push_back('"');
      out.push_back(c);
    }
    return out + "\"";
  }
  const std::int64_t integer = std::get<std::int64_t>(cell);
  std::string out;
  if (type == Type::date) {
    append_date(out, static_cast<std::int32_t>(integer));
    return out;
  }
  if (type == Type::timestamp) {
    append_timestamp(out, integer);
    return out;
  }
  return fmt::format("{}", integer);
}

// A CSV file of ours as Parquet of the same rows beside it, typed and nested as the table says.
std::filesystem::path write_parquet(const Table& table, const std::filesystem::path& csv) {
  std::string columns;
  std::string select;
  for (const Column& column : table.columns) {
    columns += fmt::format("{}'{}': 'VARCHAR'", columns.empty() ? "" : ", ", column.name);
    std::string value = column.name;
    if (column.type == Type::json && !column.nested.empty()) {
      value = fmt::format("CAST(CAST({} AS JSON) AS {})", column.name, column.nested);
    } else if (column.type != Type::json) {
      value = fmt::format("CAST({} AS {})", column.name, yaml_type(column.type));
    }
    select += fmt::format("{}{} AS {}", select.empty() ? "SELECT " : ", ", value, column.name);
  }
  std::filesystem::path file = csv;
  file.replace_extension(".parquet");
  const auto written = duckdb::testing::write_data_file(
      fmt::format(
          "{} FROM read_csv('{}', header=true, auto_detect=false, delim=',', quote='\"', escape='\"', "
          "comment='', nullstr='', allow_quoted_nulls=false, columns={{{}}})",
          select, csv.string(), columns),
      file);
  if (!written) {
    std::fprintf(stderr, "%s\n", written.error().detail.c_str());
    std::abort();
  }
  return file;
}

std::string endpoint_yaml(const Endpoint& endpoint, const Table& table) {
  std::string out =
      fmt::format("name: {}\nversion: {}\ndataset: {}\nserving_mode: {}\ncache: {{policy: {}}}\n",
                  endpoint.name, endpoint.version, table.id, endpoint.remote ? "remote_scan" : "local_table",
                  endpoint.cached ? "snapshot" : "none");
  if (table.tenant) out += fmt::format("tenant: {{column: {}}}\n", table.columns[*table.tenant].name);
  if (!endpoint.params.empty()) out += "params:\n";
  for (const Param& param : endpoint.params) {
    out +=
        fmt::format("  - name: {}\n    type: {}\n    required: {}\n", param.name, param.type, param.required);
    if (param.default_value) {
      out +=
          "    default: " + (param.type == "integer" ? *param.default_value : quoted(*param.default_value)) +
          "\n";
    }
    if (param.max) out += fmt::format("    max: {}\n", *param.max);
    if (!param.values.empty()) {
      out += "    enum: [";
      for (std::size_t i = 0; i < param.values.size(); ++i)
        out += (i == 0 ? "" : ", ") + quoted(param.values[i]);
      out += "]\n";
    }
    if (!param.aliases.empty()) out += "    aliases:\n";
    for (const auto& [alias, value] : param.aliases)
      out += "      " + quoted(alias) + ": " + quoted(value) + "\n";
  }
  if (!endpoint.combinations.empty()) out += "combinations:\n";
  for (const auto& combination : endpoint.combinations) {
    out += "  - [";
    for (std::size_t i = 0; i < combination.size(); ++i)
      out += (i == 0 ? "" : ", ") + endpoint.params[combination[i]].name;
    out += "]\n";
  }
  out += "query:\n  select:\n";
  std::string columns;
  for (const Select& select : endpoint.selects) {
    out += fmt::format("    - {{as: {}, column: {}{}}}\n", select.as, table.columns[select.column].name,
                       select.aggregate.empty() ? "" : ", agg: " + select.aggregate);
    columns += (columns.empty() ? "" : ", ") + select.as;
  }
  if (!endpoint.filters.empty()) out += "  filters:\n";
  for (const Filter& filter : endpoint.filters) {
    out += fmt::format("    - {{column: {}, op: {}, param: {}}}\n", table.columns[filter.column].name,
                       filter.op, endpoint.params[filter.param].name);
  }
  const bool aggregated = std::any_of(endpoint.selects.begin(), endpoint.selects.end(),
                                      [](const Select& s) { return !s.aggregate.empty(); });
  if (aggregated && !endpoint.group_by.empty()) {
    out += "  group_by: [";
    for (std::size_t i = 0; i < endpoint.group_by.size(); ++i)
      out += (i == 0 ? "" : ", ") + endpoint.selects[endpoint.group_by[i]].as;
    out += "]\n";
  }
  if (!endpoint.order_by.empty()) out += "  order_by:\n";
  for (const auto& [select, descending] : endpoint.order_by) {
    out += fmt::format("    - {{column: {}, dir: {}}}\n", endpoint.selects[select].as,
                       descending ? "desc" : "asc");
  }
  out += fmt::format("columns: [{}]\npagination: {{default_limit: {}, max_limit: {}}}\n", columns,
                     endpoint.default_limit, endpoint.max_limit);
  return out;
}

}  // namespace

std::string token_of(const std::string& tenant) {
  return "offl_test_" + tenant;
}

void refill(Table& table, const std::vector<std::string>& tenants, int number, Random& random) {
  table.snapshot_id = fmt::format("s{}", number);
  table.rows.clear();
  const std::size_t rows = 1 + below(random, 120);
  const int nulls = pick(random, std::vector<int>{0, 20, 80});
  for (std::size_t i = 0; i < rows; ++i) {
    Row row;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const Type type = table.columns[c].type;
      if (c == table.tenant) {
        // Tenants that no key has, and rows of nobody, are there too.
        const std::string owner = chance(random, 5) ? "999" : pick(random, tenants);
        if (chance(random, 3))
          row.emplace_back();
        else if (type == Type::varchar)
          row.emplace_back(owner);
        else
          row.emplace_back(static_cast<std::int64_t>(std::stoll(owner)));
      } else if (chance(random, nulls)) {
        row.emplace_back();
      } else {
        row.push_back(random_cell(table.columns[c], random));
      }
    }
    table.rows.push_back(std::move(row));
  }
}

Project random_project(Random& random) {
  Project project;
  project.tenants = {"1", "2", "30"};
  static const std::vector<Type> kTypes = {Type::boolean, Type::integer,   Type::bigint,  Type::float64,
                                           Type::date,    Type::timestamp, Type::varchar, Type::json};
  const std::size_t tables = 1 + below(random, 2);
  for (std::size_t t = 0; t < tables; ++t) {
    Table table;
    table.id = fmt::format("d{}", t);
    const std::size_t columns = 3 + below(random, 6);
    for (std::size_t c = 0; c < columns; ++c)
      table.columns.push_back({fmt::format("c{}", c), pick(random, kTypes), chance(random, 30)});
    table.parquet = chance(random, 40);
    if (table.parquet) {
      if (chance(random, 50)) table.columns.back().type = Type::json;
      for (Column& column : table.columns) {
        if (column.type == Type::json && chance(random, 80)) column.nested = pick(random, kNested).type;
      }
    }
    table.columns[1].type = Type::varchar;  // one column that every aggregate pick can end in
    if (chance(random, 75)) {
      static const std::vector<Type> kOwners = {Type::varchar, Type::integer, Type::bigint};
      table.tenant = 0;
      table.columns[0].type = pick(random, kOwners);
    }
    refill(table, project.tenants, 1, random);
    project.tables.push_back(std::move(table));
  }
  const std::size_t endpoints = 2 + below(random, 4);
  for (std::size_t e = 0; e < endpoints; ++e)
    project.endpoints.push_back(random_endpoint(project, e, random));
  return project;
}

void write_snapshot(const Table& table, const std::filesystem::path& root) {
  std::string csv;
  for (std::size_t c = 0; c < table.columns.size(); ++c) csv += (c == 0 ? "" : ",") + table.columns[c].name;
  csv += "\n";
  for (const Row& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c)
      csv += (c == 0 ? "" : ",") + csv_of(row[c], table.columns[c].type);
    csv += "\n";
  }
  std::string file = table.id + "-" + table.snapshot_id + ".csv";
  write_file(root / "data" / file, csv);
  if (table.parquet) file = write_parquet(table, root / "data" / file).filename().string();
  std::string schema;
  for (const Column& column : table.columns) {
    schema += fmt::format(R"({}{{"name":"{}","type":"{}"}})", schema.empty() ? "" : ",", column.name,
                          yaml_type(column.type));
  }
  const auto bytes = std::filesystem::file_size(root / "data" / file);
  write_file(
      root / "data" / (table.id + ".json"),
      fmt::format(
          R"({{"dataset_id":"{}","snapshot_id":"{}","created_at":"2026-01-01T00:00:00Z","watermark":"2026-01-01T00:00:00Z",)"
          R"("schema":[{}],"files":[{{"path":"{}","format":"{}","row_count":{},"size_bytes":{}}}],"partition_columns":[],)"
          R"("sort_columns":[],"row_count":{},"size_bytes":{},"producer":"test","upstream_run_id":"run","schema_version":1,)"
          R"("data_quality_status":"passed","compatibility_policy":"additive_only"}})",
          table.id, table.snapshot_id, schema, file, table.parquet ? "parquet" : "csv", table.rows.size(),
          bytes, table.rows.size(), bytes));
}

void write_project(const Project& project, const std::filesystem::path& root) {
  write_file(root / "offloader.yml", "version: 1\nkeys: keys/keys.yml\n");
  std::string endpoints;
  for (const Endpoint& endpoint : project.endpoints)
    endpoints += (endpoints.empty() ? "" : ", ") + endpoint.name;
  std::string keys = "keys:\n";
  for (const std::string& tenant : project.tenants) {
    keys += fmt::format(
        "  - id: key_{}\n    hash: \"{}\"\n    tenant: \"{}\"\n    endpoints: [{}]\n    status: active\n",
        tenant, to_hex(sha256(token_of(tenant))), tenant, endpoints);
  }
  write_file(root / "keys/keys.yml", keys);
  for (const Table& table : project.tables) {
    std::string yaml = "id: " + table.id + "\nmanifest: data/" + table.id + ".json\n";
    if (table.tenant) yaml += "tenant_column: " + table.columns[*table.tenant].name + "\n";
    yaml += "schema:\n";
    for (const Column& column : table.columns)
      yaml += fmt::format("  - {{name: {}, type: {}}}\n", column.name, yaml_type(column.type));
    write_file(root / "datasets" / (table.id + ".yml"), yaml);
    write_snapshot(table, root);
  }
  for (std::size_t e = 0; e < project.endpoints.size(); ++e) write_endpoint(project, e, root);
}

void replace_endpoint(Project& project, std::size_t endpoint, Random& random) {
  Endpoint& old = project.endpoints[endpoint];
  Endpoint next;
  next.name = old.name;
  next.version = old.version + 1;
  next.table = old.table;
  next.remote = old.remote;
  old = random_contract(project, std::move(next), random);
}

void write_endpoint(const Project& project, std::size_t endpoint, const std::filesystem::path& root) {
  const Endpoint& contract = project.endpoints[endpoint];
  write_file(root / "endpoints" / (contract.name + ".yml"),
             endpoint_yaml(contract, project.tables[contract.table]));
}

Query random_query(const Project& project, const Endpoint& endpoint, Random& random) {
  static_cast<void>(project);
  Query query;
  const std::vector<std::size_t>* combination =
      endpoint.combinations.empty() ? nullptr : &pick(random, endpoint.combinations);
  for (std::size_t i = 0; i < endpoint.params.size(); ++i) {
    const Param& param = endpoint.params[i];
    const bool wanted = combination != nullptr
                            ? std::find(combination->begin(), combination->end(), i) != combination->end()
                            : param.required || chance(random, 55);
    if (!wanted && !chance(random, 3)) continue;
    if (wanted && chance(random, 2)) continue;
    std::string value;
    if (param.type == "enum") {
      value = chance(random, 10)                             ? "nobody"
              : !param.aliases.empty() && chance(random, 20) ? param.aliases.front().first
                                                             : pick(random, param.values);
      if (value == "EMERALD+" && chance(random, 50)) value = "EMERALD ";
    } else if (param.type == "integer") {
      value = chance(random, 8)
                  ? pick(random,
                         std::vector<std::string>{"", "x", "1.5", "99999999999999999999", "007", "+1", " 1"})
                  : fmt::format("{}", pick(random, chance(random, 70) ? kIntegers : kBigs));
    } else if (param.type == "date") {
      value =
          chance(random, 8)
              ? pick(random,
                     std::vector<std::string>{"2026-02-30", "2026-1-1", "today", "", "2026-01-02T00:00:00"})
              : pick(random, std::vector<std::string>{"1970-01-01", "1969-12-31", "2026-01-01", "2026-01-02",
                                                      "2026-01-07", "0001-01-01", "2000-02-29"});
    } else {
      value = chance(random, 20)
                  ? pick(random, std::vector<std::string>{"42", "-1", "2026-01-02", "true", "1.0", "0.1",
                                                          "alias_two", "C ", "1970-01-01T06:00:00"})
                  : pick(random, kTexts);
    }
    query.emplace_back(param.name, value);
  }
  if (chance(random, 40))
    query.emplace_back(
        "limit", chance(random, 8)
                     ? pick(random, std::vector<std::string>{"0", "-1", "100000", "x", ""})
                     : fmt::format("{}", 1 + below(random, static_cast<std::size_t>(endpoint.max_limit))));
  if (chance(random, 30))
    query.emplace_back("offset", chance(random, 8)
                                     ? pick(random, std::vector<std::string>{"-1", "x", "9223372036854775807",
                                                                             "9223372036854775808"})
                                     : fmt::format("{}", below(random, 60)));
  if (chance(random, 30)) {
    std::string columns;
    for (const Select& select : endpoint.selects) {
      if (chance(random, 50)) columns += (columns.empty() ? "" : ",") + select.as;
    }
    if (chance(random, 6)) columns += columns.empty() ? "nobody" : ",nobody";
    if (!columns.empty()) query.emplace_back("columns", columns);
  }
  if (chance(random, 3))
    query.emplace_back(
        pick(random, std::vector<std::string>{"tenant", "c0", "p9", "limit", "x; DROP TABLE d0"}), "1");
  std::shuffle(query.begin(), query.end(), random);
  return query;
}

std::string encode(const Query& query) {
  std::string out;
  const auto append = [&](const std::string& text) {
    for (const char c : text) {
      if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        out.push_back(c);
      else
        out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  };
  for (const auto& [name, value] : query) {
    out += out.empty() ? "?" : "&";
    append(name);
    out += "=";
    append(value);
  }
  return out;
}

}  // namespace offloader::app::model
