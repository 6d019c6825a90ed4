#include "load_project.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "offloader/base/crypto.h"

namespace offloader::app {
namespace {

constexpr const char* kTenants[] = {"flood", "other"};

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file) std::abort();
}

}  // namespace

void write_load_project(const std::filesystem::path& root, std::int64_t rows) {
  write(root / "offloader.yml", "version: 1\nkeys: keys/keys.yml\n");
  std::string keys = "keys:\n";
  std::string csv = "tenant,id,day,region,amount,note\n";
  for (const char* tenant : kTenants) {
    keys += fmt::format(
        "  - {{id: key_{0}, hash: \"{1}\", tenant: {0}, endpoints: [page, totals], status: active}}\n",
        tenant, to_hex(sha256(std::string("offl_test_") + tenant)));
    for (std::int64_t id = 0; id < rows; ++id) {
      fmt::format_to(std::back_inserter(csv), "{},{},2026-01-{:02},region {},{}.25,note number {} of many\n",
                     tenant, id, id % 28 + 1, id * 7919 % 40, id % 1000, id);
    }
  }
  write(root / "keys/keys.yml", keys);
  write(root / "data/events.csv", csv);
  const std::string columns[][2] = {{"tenant", "VARCHAR"}, {"id", "BIGINT"},     {"day", "DATE"},
                                    {"region", "VARCHAR"}, {"amount", "DOUBLE"}, {"note", "VARCHAR"}};
  std::string yaml;
  std::string json;
  for (const auto& [name, type] : columns) {
    yaml += fmt::format("  - {{name: {}, type: {}}}\n", name, type);
    json += fmt::format(R"({}{{"name":"{}","type":"{}"}})", json.empty() ? "" : ",", name, type);
  }
  write(root / "datasets/events.yml",
        "id: events\nmanifest: data/events.json\ntenant_column: tenant\nschema:\n" + yaml);
  write(
      root / "data/events.json",
      fmt::format(
          R"({{"dataset_id":"events","snapshot_id":"s1","created_at":"2026-01-01T00:00:00Z",)"
          R"("watermark":"2026-01-01T00:00:00Z","schema":[{}],"files":[{{"path":"events.csv","format":"csv",)"
          R"("row_count":{},"size_bytes":{}}}],"partition_columns":[],"sort_columns":[],"row_count":{},)"
          R"("size_bytes":{},"producer":"test","upstream_run_id":"run","schema_version":1,)"
          R"("data_quality_status":"passed","compatibility_policy":"exact"}})",
          json, 2 * rows, csv.size(), 2 * rows, csv.size()));
  const std::string shared =
      "version: 1\ndataset: events\ntenant: {column: tenant}\nparams: [{name: from, type: integer}]\n";
  write(root / "endpoints/page.yml",
        "name: page\n" + shared +
            "query:\n  select: [{as: id, column: id}, {as: day, column: day}, {as: region, column: region},\n"
            "    {as: amount, column: amount}, {as: note, column: note}]\n"
            "  filters: [{column: id, op: gte, param: from}]\n  order_by: [{column: id, dir: asc}]\n"
            "columns: [id, day, region, amount, note]\n"
            "pagination: {default_limit: 20, max_limit: 100000}\ncache: {policy: snapshot}\n");
  write(root / "endpoints/totals.yml",
        "name: totals\n" + shared +
            "query:\n  select: [{as: region, column: region}, {as: total, column: amount, agg: sum},\n"
            "    {as: last, column: note, agg: max}, {as: rows, column: id, agg: count}]\n"
            "  filters: [{column: id, op: gte, param: from}]\n  group_by: [region]\n"
            "  order_by: [{column: total, dir: desc}]\n"
            "columns: [region, total, last, rows]\npagination: {default_limit: 5, max_limit: 100}\n"
            "cache: {policy: none}\n");
}

std::string load_request(const std::string& target, const std::string& tenant) {
  return "GET /v1/endpoints/" + target + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer offl_test_" + tenant +
         "\r\n\r\n";
}

}  // namespace offloader::app
