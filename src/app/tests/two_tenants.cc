#include "two_tenants.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "offloader/base/crypto.h"
#include "offloader/base/json_text.h"

namespace offloader::app::two_tenants {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file) std::abort();
}

std::string token_of(const char* header) {
  return std::string(header).substr(std::string("authorization: Bearer ").size());
}

std::string data() {
  std::string csv = "owner,id,day,status,amount,hidden\n";
  for (int i = 0; i < 400; ++i) {
    csv +=
        fmt::format("{},{},2026-01-{:02},{},{}.5,hidden-canary-{}\n", i % 2 == 0 ? "zebra-corp" : "yak-corp",
                    i, i % 28 + 1, i % 3 == 0 ? "open" : "done", i, i);
  }
  return csv;
}

}  // namespace

void write_manifest(const fs::path& root, const std::string& snapshot_id, const std::string& data_path) {
  std::string id;
  json::append_string(id, snapshot_id);
  std::string path;
  json::append_string(path, data_path);
  const std::string csv = data();
  write(
      root / "data/orders.json",
      fmt::format(
          R"({{"dataset_id":"orders","snapshot_id":{},"created_at":"2026-01-01T00:00:00Z",)"
          R"("watermark":"2026-01-01T00:00:00Z","schema":[{{"name":"owner","type":"VARCHAR"}},)"
          R"({{"name":"id","type":"BIGINT"}},{{"name":"day","type":"DATE"}},{{"name":"status","type":"VARCHAR"}},)"
          R"({{"name":"amount","type":"DOUBLE"}},{{"name":"hidden","type":"VARCHAR"}}],)"
          R"("files":[{{"path":{},"format":"csv","row_count":400,"size_bytes":{}}}],"partition_columns":[],)"
          R"("sort_columns":[],"row_count":400,"size_bytes":{},"producer":"test","upstream_run_id":"run",)"
          R"("schema_version":1,"data_quality_status":"passed","compatibility_policy":"exact"}})",
          id, path, csv.size(), csv.size()));
}

void write(const fs::path& root) {
  write(root / "offloader.yml", "version: 1\nkeys: keys/keys.yml\n");
  std::string keys = "keys:\n";
  const auto add = [&](const char* id, const char* header, const char* tenant, const char* endpoints,
                       const char* status) {
    keys += fmt::format("  - {{id: {}, hash: \"{}\", tenant: {}, endpoints: [{}], status: {}}}\n", id,
                        to_hex(sha256(token_of(header))), tenant, endpoints, status);
  };
  add("first_key", kZebra, "zebra-corp", "orders", "active");
  add("second_key", kYak, "yak-corp", "orders, yak_only", "active");
  add("former_key", kRevoked, "zebra-corp", "orders, yak_only", "revoked");
  write(root / "keys/keys.yml", keys);
  write(root / "datasets/orders.yml",
        "id: orders\nmanifest: data/orders.json\ntenant_column: owner\nschema:\n"
        "  - {name: owner, type: VARCHAR}\n  - {name: id, type: BIGINT}\n  - {name: day, type: DATE}\n"
        "  - {name: status, type: VARCHAR}\n  - {name: amount, type: DOUBLE}\n  - {name: hidden, type: "
        "VARCHAR}\n");
  for (const char* name : {"orders", "yak_only"}) {
    write(
        root / "endpoints" / (std::string(name) + ".yml"),
        fmt::format(
            "name: {}\nversion: 1\ndataset: orders\ntenant: {{column: owner}}\n"
            "params:\n  - {{name: status, type: enum, enum: [open, done], aliases: {{closed: done}}}}\n"
            "  - {{name: since, type: date}}\n  - {{name: least, type: integer}}\n  - {{name: text, type: "
            "string}}\n"
            "query:\n  select: [{{as: company, column: owner}}, {{as: id, column: id}}, {{as: day, column: "
            "day}},\n"
            "    {{as: status, column: status}}, {{as: amount, column: amount}}]\n"
            "  filters: [{{column: status, op: eq, param: status}}, {{column: day, op: gte, param: since}},\n"
            "    {{column: id, op: gte, param: least}}, {{column: status, op: eq, param: text}}]\n"
            "  order_by: [{{column: id, dir: asc}}]\n"
            "columns: [company, id, day, status, amount]\n"
            "pagination: {{default_limit: 10, max_limit: 200}}\ncache: {{policy: snapshot}}\n",
            name));
  }
  write(root / "data/orders.csv", data());
  write_manifest(root, "s1", "orders.csv");
}

std::vector<std::string> canaries() {
  std::vector<std::string> out = {"zebra-corp", "yak-corp", "hidden-canary"};
  for (const char* header : {kZebra, kYak, kRevoked}) {
    out.push_back(token_of(header));
    out.push_back(to_hex(sha256(token_of(header))));
  }
  return out;
}

}  // namespace offloader::app::two_tenants
