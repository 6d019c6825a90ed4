#include "cursor_project.h"

#include <fmt/format.h>

#include <cstdlib>
#include <random>

#include "offloader/base/crypto.h"
#include "offloader/base/file.h"

namespace offloader::app::items {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) {
  std::error_code exists;
  fs::create_directories(path.parent_path(), exists);
  if (!write_file_atomically(path, text)) std::abort();
}

constexpr const char* kPlain =
    "{as: kind, column: kind}, {as: size, column: size}, {as: price, column: price}, {as: day, column: day}, "
    "{as: ratio, column: ratio}, {as: id, column: id}";
constexpr const char* kPlainNames = "kind, size, price, day, ratio, id";
constexpr const char* kGrouped =
    "{as: kind, column: kind}, {as: size, column: size}, {as: price, column: price, agg: sum}, "
    "{as: rows, column: id, agg: count}, {as: ratio, column: ratio, agg: max}";
constexpr const char* kGroupedNames = "kind, size, price, rows, ratio";

void write_endpoint(const fs::path& root, const std::string& name, const std::string& query,
                    const std::string& columns, const std::string& more = "",
                    const std::string& cursor = "true") {
  write(root / "endpoints" / (name + ".yml"),
        fmt::format("name: {}\nversion: 1\ndataset: items\ntenant: {{column: tenant}}\n"
                    "query: {{{}}}\ncolumns: [{}]\n"
                    "pagination: {{default_limit: 20, max_limit: 100000{}}}\n{}",
                    name, query, columns, cursor.empty() ? "" : ", cursor: " + cursor, more));
}

std::string select(const char* columns, const std::string& order, const std::string& more = "") {
  return fmt::format("select: [{}], order_by: [{}]{}", columns, order, more);
}

}  // namespace

std::string token_of(const std::string& tenant) {
  return "token-of-tenant-" + tenant;
}

const std::vector<std::string>& endpoints() {
  static const std::vector<std::string> names = {"up",    "down",  "mixed",   "prices",
                                                 "kinds", "sizes", "largest", "sorted"};
  return names;
}

void write_project(const fs::path& root) {
  write(root / "offloader.yml", "version: 1\nkeys: keys/keys.yml\n");
  std::string granted = "strict, recent, whole";
  for (const std::string& name : endpoints()) granted += ", " + name;
  std::string keys = "keys:\n";
  for (const char* tenant : {"a", "b"}) {
    keys += fmt::format("  - {{id: key_{}, hash: {}, tenant: {}, endpoints: [{}], status: active}}\n", tenant,
                        to_hex(sha256(token_of(tenant))), tenant, granted);
  }
  write(root / "keys/keys.yml", keys);
  write(root / "datasets/items.yml",
        "id: items\nmanifest: data/items.json\ntenant_column: tenant\n"
        "schema: [{name: tenant, type: VARCHAR}, {name: kind, type: VARCHAR}, {name: size, type: INTEGER}, "
        "{name: price, type: \"DECIMAL(10,2)\"}, {name: day, type: DATE}, {name: ratio, type: DOUBLE}, "
        "{name: id, type: UUID}]\n");
  write_endpoint(root, "up", select(kPlain, "{column: kind}, {column: size}"), kPlainNames,
                 "cache: {policy: snapshot}\n");
  write_endpoint(root, "down", select(kPlain, "{column: kind, dir: desc}, {column: size, dir: desc}"),
                 kPlainNames);
  write_endpoint(root, "mixed", select(kPlain, "{column: day, dir: desc}, {column: ratio}, {column: id}"),
                 kPlainNames);
  // Few columns: many rows are alike in all of them.
  write_endpoint(root, "prices",
                 select("{as: size, column: size}, {as: price, column: price}", "{column: price, dir: desc}"),
                 "size, price");
  const std::string grouped = ", group_by: [kind, size]";
  write_endpoint(root, "kinds", select(kGrouped, "{column: kind, dir: desc}", grouped), kGroupedNames);
  write_endpoint(root, "sizes", select(kGrouped, "{column: price, dir: desc}", grouped), kGroupedNames,
                 "cache: {policy: snapshot}\n");
  write_endpoint(root, "largest",
                 select(kPlain, "{column: size}", ", top: {per: [kind], by: price, limit: 3}"), kPlainNames);
  write_endpoint(
      root, "sorted",
      select(kPlain, "{column: id}",
             ", filters: [{column: size, op: gte, param: least}, {column: kind, op: in, param: kinds}]"),
      kPlainNames,
      "sortable: [kind, size, price, day, ratio]\n"
      "params: [{name: least, type: integer}, {name: kinds, type: string, list: {max: 5}}]\n");
  write_endpoint(root, "strict", select(kPlain, "{column: kind}, {column: size}"), kPlainNames, "", "strict");
  write_endpoint(root, "recent",
                 select(kPlain, "{column: kind}", ", filters: [{column: day, op: gte, param: since}]"),
                 kPlainNames, "params: [{name: since, type: date, default: today-2d}]\n");
  write_endpoint(root, "whole", select(kPlain, "{column: kind}"), kPlainNames, "", "");
}

void publish(const fs::path& root, int number, const std::vector<Item>& items) {
  std::string csv = "tenant,kind,size,price,day,ratio,id\n";
  for (const Item& item : items) {
    fmt::format_to(std::back_inserter(csv), "{},{},{},{},{},{},{}\n", item.tenant, item.kind, item.size,
                   item.price, item.day, item.ratio, item.id);
  }
  const std::string name = fmt::format("items-{}.csv", number);
  write(root / "data" / name, csv);
  write(root / "data/items.json",
        fmt::format(
            R"j({{"dataset_id":"items","snapshot_id":"s{}","created_at":"2026-01-01T00:00:00Z",)j"
            R"j("watermark":"2026-01-01T00:00:00Z","schema":[{{"name":"tenant","type":"VARCHAR"}},)j"
            R"j({{"name":"kind","type":"VARCHAR"}},{{"name":"size","type":"INTEGER"}},)j"
            R"j({{"name":"price","type":"DECIMAL(10,2)"}},{{"name":"day","type":"DATE"}},)j"
            R"j({{"name":"ratio","type":"DOUBLE"}},{{"name":"id","type":"UUID"}}],)j"
            R"j("files":[{{"path":"{}","format":"csv","size_bytes":{}}}],"partition_columns":[],)j"
            R"j("sort_columns":[],"row_count":{},"size_bytes":1,"producer":"test","upstream_run_id":"run",)j"
            R"j("schema_version":1,"data_quality_status":"passed","compatibility_policy":"exact"}})j",
            number, name, csv.size(), items.size()));
}

std::vector<Item> random_items(std::uint64_t seed, int count) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t end) { return random() % end; };
  const auto or_null = [&](std::string text) { return below(6) == 0 ? std::string() : text; };
  std::vector<Item> items;
  for (int i = 0; i < count; ++i) {
    if (!items.empty() && below(4) == 0) {
      items.push_back(items[below(items.size())]);  // alike in all columns
      continue;
    }
    Item item;
    item.tenant = below(4) == 0 ? "b" : "a";
    item.kind = or_null(std::string(1, static_cast<char>('p' + below(4))));
    item.size = or_null(std::to_string(static_cast<int>(below(5)) - 2));
    item.price = or_null(fmt::format("{}.{:02}", below(4), below(3)));
    item.day = or_null(fmt::format("2026-01-{:02}", 1 + below(5)));
    item.ratio = or_null(fmt::format("{}", static_cast<double>(below(9)) / 4 - 1));
    item.id = fmt::format("{:08x}-0000-4000-8000-{:012x}", below(1ULL << 32), below(3));
    items.push_back(item);
  }
  return items;
}

}  // namespace offloader::app::items
