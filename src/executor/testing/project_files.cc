#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "offloader/base/crypto.h"
#include "offloader/base/decimal.h"
#include "offloader/base/file.h"
#include "offloader/base/json_text.h"
#include "offloader/base/timestamp.h"
#include "offloader/executor/testing/random_project.h"

namespace offloader::executor::testing::model {
namespace {

std::string yaml_type(const Column& column) {
  switch (column.type) {
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
    case Type::decimal:
      return fmt::format("DECIMAL({},{})", column.precision, column.scale);
    case Type::timestamptz:
      return "TIMESTAMPTZ";
    case Type::uuid:
      return "UUID";
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

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  if (!write_file_atomically(path, text)) std::abort();
}

std::string csv_of(const Cell& cell, const Column& column) {
  const Type type = column.type;
  if (const auto* decimal = std::get_if<Decimal>(&cell)) {
    std::string out;
    append_decimal(out, decimal->unscaled, static_cast<unsigned>(column.scale));
    return out;
  }
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
  if (type == Type::timestamp || type == Type::timestamptz) {
    append_timestamp(out, integer);
    return out + (type == Type::timestamptz ? "Z" : "");
  }
  return fmt::format("{}", integer);
}

// Writes the rows of our CSV file as Parquet beside it, with the types and nesting of the table.
std::filesystem::path parquet_of(const Table& table, const std::filesystem::path& csv,
                                 const WriteParquet& write_parquet) {
  std::string columns;
  std::string select;
  for (const Column& column : table.columns) {
    columns += fmt::format("{}'{}': 'VARCHAR'", columns.empty() ? "" : ", ", column.name);
    std::string value = column.name;
    if (column.type == Type::json && !column.nested.empty()) {
      value = fmt::format("CAST(CAST({} AS JSON) AS {})", column.name, column.nested);
    } else if (column.type != Type::json) {
      value = fmt::format("CAST({} AS {})", column.name, yaml_type(column));
    }
    select += fmt::format("{}{} AS {}", select.empty() ? "SELECT " : ", ", value, column.name);
  }
  std::filesystem::path file = csv;
  file.replace_extension(".parquet");
  const auto written = write_parquet(
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

std::string list_of(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "[" : ", ") + quoted(text);
  return out + "]";
}

std::string filter_yaml(const Filter& filter, const Endpoint& endpoint, const std::string& column) {
  std::string out = fmt::format("{{column: {}, op: {}", column, filter.op);
  if (filter.nulls) out += ", nulls: include";
  if (filter.constants.empty()) {
    out += ", param: " + endpoint.params[filter.param].name;
  } else if (filter.op == "in" || filter.op == "not_in") {
    out += ", values: " + list_of(filter.constants);
  } else {
    out += ", value: " + quoted(filter.constants.front());
  }
  return out + "}";
}

std::string bucket_yaml(const Bucket& bucket, const Endpoint& endpoint) {
  const auto choice = [&](const std::optional<std::size_t>& param, const std::vector<std::string>& constant) {
    return param ? "{param: " + endpoint.params[*param].name + "}" : constant.front();
  };
  std::string out = ", bucket: {grain: " + choice(bucket.grain_param, bucket.grains);
  const bool in_utc = !bucket.zone_param && bucket.zones.front() == "UTC";
  if (!in_utc) out += ", timezone: " + choice(bucket.zone_param, bucket.zones);
  if (bucket.sunday) out += ", week_start: sunday";
  if (!bucket.fill.empty()) out += ", fill: " + bucket.fill;
  return out + "}";
}

std::string select_yaml(const Select& select, const Endpoint& endpoint, const Table& table) {
  std::string out = "{as: " + select.as;
  if (!select.expression.empty()) {
    out += ", expr: " + quoted(select.expression);
  } else {
    out += ", column: " + (select.rows ? "\"*\"" : table.columns[select.column].name);
  }
  if (!select.aggregate.empty()) out += ", agg: " + select.aggregate;
  if (select.bucket) out += bucket_yaml(*select.bucket, endpoint);
  if (!select.quantile.empty()) out += ", q: " + select.quantile;
  if (select.discrete) out += ", method: disc";
  if (select.aggregate == "first" || select.aggregate == "last")
    out += ", by: " + table.columns[select.by].name;
  std::string where;
  for (const Filter& filter : select.where)
    where += (where.empty() ? "" : ", ") + filter_yaml(filter, endpoint, table.columns[filter.column].name);
  if (!where.empty()) out += ", where: [" + where + "]";
  if (select.as_text) out += ", encode: string";
  return out + "}";
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
      const bool plain = param.type == "integer" || param.type == "number" || param.type == "boolean";
      out += "    default: " + (plain ? *param.default_value : quoted(*param.default_value)) + "\n";
    }
    if (param.days_before) out += fmt::format("    default: watermark-{}d\n", *param.days_before);
    if (!param.default_list.empty()) out += "    default: " + list_of(param.default_list) + "\n";
    if (param.list_max) out += fmt::format("    list: {{max: {}}}\n", *param.list_max);
    if (param.max) out += fmt::format("    max: {}\n", *param.max);
    if (param.min) out += "    min: " + *param.min + "\n";
    if (param.upper) out += "    max: " + *param.upper + "\n";
    if (param.max_length) out += fmt::format("    max_length: {}\n", *param.max_length);
    if (!param.values.empty()) out += "    enum: " + list_of(param.values) + "\n";
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
    out += "    - " + select_yaml(select, endpoint, table) + "\n";
    columns += (columns.empty() ? "" : ", ") + select.as;
  }
  if (!endpoint.filters.empty()) out += "  filters:\n";
  for (std::size_t i = 0; i < endpoint.filters.size(); ++i) {
    const std::size_t any = endpoint.filters[i].any;
    const bool follows = any != 0 && i > 0 && endpoint.filters[i - 1].any == any;
    if (any != 0 && !follows) out += "    - any:\n";
    out += (any != 0 ? "        - " : "    - ") +
           filter_yaml(endpoint.filters[i], endpoint, table.columns[endpoint.filters[i].column].name) + "\n";
  }
  const bool aggregated = std::any_of(endpoint.selects.begin(), endpoint.selects.end(),
                                      [](const Select& s) { return s.of_group(); });
  const auto names = [&](const std::vector<std::size_t>& selects) {
    std::string list = "[";
    for (std::size_t i = 0; i < selects.size(); ++i)
      list += (i == 0 ? "" : ", ") + endpoint.selects[selects[i]].as;
    return list + "]";
  };
  if (endpoint.choose) {
    out += fmt::format("  group_by: {{choose: {}, default: {}", names(*endpoint.choose),
                       names(endpoint.group_by));
    if (endpoint.most_groups) out += fmt::format(", max: {}", *endpoint.most_groups);
    out += "}\n";
  } else if (aggregated && !endpoint.group_by.empty()) {
    out += "  group_by: " + names(endpoint.group_by) + "\n";
  }
  if (!endpoint.having.empty()) out += "  having:\n";
  for (const Filter& filter : endpoint.having)
    out += "    - " + filter_yaml(filter, endpoint, endpoint.selects[filter.column].as) + "\n";
  if (!endpoint.order_by.empty()) out += "  order_by:\n";
  for (const auto& [select, descending] : endpoint.order_by) {
    out += fmt::format("    - {{column: {}, dir: {}}}\n", endpoint.selects[select].as,
                       descending ? "desc" : "asc");
  }
  if (endpoint.top) {
    out += fmt::format("  top: {{per: {}, by: {}, limit: {}}}\n", names(endpoint.top->per),
                       endpoint.selects[endpoint.top->by].as, endpoint.top->limit);
  }
  out += fmt::format("columns: [{}]\npagination: {{default_limit: {}, max_limit: {}{}{}}}\n", columns,
                     endpoint.default_limit, endpoint.max_limit,
                     endpoint.max_offset ? fmt::format(", max_offset: {}", *endpoint.max_offset) : "",
                     endpoint.cursor ? ", cursor: true" : "");
  if (!endpoint.sortable.empty()) out += "sortable: " + names(endpoint.sortable) + "\n";
  if (endpoint.offers_rows || endpoint.offers_grand) {
    out += fmt::format("totals: [{}{}{}]\n", endpoint.offers_rows ? "rows" : "",
                       endpoint.offers_rows && endpoint.offers_grand ? ", " : "",
                       endpoint.offers_grand ? "grand" : "");
  }
  return out;
}

}  // namespace

std::string token_of(const std::string& tenant) {
  return "offl_test_" + tenant;
}

void write_snapshot(const Table& table, const std::filesystem::path& root,
                    const WriteParquet& write_parquet) {
  std::string csv;
  for (std::size_t c = 0; c < table.columns.size(); ++c) csv += (c == 0 ? "" : ",") + table.columns[c].name;
  csv += "\n";
  for (const Row& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c)
      csv += (c == 0 ? "" : ",") + csv_of(row[c], table.columns[c]);
    csv += "\n";
  }
  std::string file = table.id + "-" + table.snapshot_id + ".csv";
  write_file(root / "data" / file, csv);
  if (table.parquet) file = parquet_of(table, root / "data" / file, write_parquet).filename().string();
  std::string schema;
  for (const Column& column : table.columns) {
    schema += fmt::format(R"({}{{"name":"{}","type":"{}"}})", schema.empty() ? "" : ",", column.name,
                          yaml_type(column));
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

void write_project(const Project& project, const std::filesystem::path& root,
                   const WriteParquet& write_parquet) {
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
      yaml += fmt::format("  - {{name: {}, type: \"{}\"}}\n", column.name, yaml_type(column));
    write_file(root / "datasets" / (table.id + ".yml"), yaml);
    write_snapshot(table, root, write_parquet);
  }
  for (std::size_t e = 0; e < project.endpoints.size(); ++e) write_endpoint(project, e, root);
}

void write_endpoint(const Project& project, std::size_t endpoint, const std::filesystem::path& root) {
  const Endpoint& contract = project.endpoints[endpoint];
  write_file(root / "endpoints" / (contract.name + ".yml"),
             endpoint_yaml(contract, project.tables[contract.table]));
}

}  // namespace offloader::executor::testing::model
