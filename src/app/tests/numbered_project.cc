#include "numbered_project.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "offloader/base/crypto.h"
#include "offloader/base/file.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view kTenants[] = {"north", "south"};

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  if (!write_file_atomically(path, text)) std::abort();
}

// Returns the rows per tenant of a dataset with about `rows` rows.
std::int64_t rows_of_tenant(std::int64_t rows, std::uint64_t snapshot) {
  return rows / 2 + static_cast<std::int64_t>(snapshot % 5);
}

std::string label_of(std::uint64_t snapshot, std::int64_t id) {
  return fmt::format("n{}-{}", snapshot, id);
}

std::int64_t value_of(std::uint64_t snapshot, std::int64_t id) {
  return static_cast<std::int64_t>(snapshot) * 1000 + id;
}

std::uint64_t write_data(const fs::path& path, std::int64_t per_tenant, std::uint64_t snapshot) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  std::uint64_t size = 0;
  std::string text = "tenant,id,snap,value,label\n";
  const auto flush = [&] {
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    size += text.size();
    text.clear();
  };
  for (std::int64_t id = 0; id < per_tenant; ++id) {
    for (const std::string_view tenant : kTenants) {
      fmt::format_to(std::back_inserter(text), "{},{},{},{},{}\n", tenant, id, snapshot,
                     value_of(snapshot, id), label_of(snapshot, id));
    }
    if (text.size() > 1 << 20) flush();
  }
  flush();
  if (!file.flush()) std::abort();
  return size;
}

}  // namespace

NumberedProject::NumberedProject(fs::path root, std::size_t datasets, std::int64_t rows)
    : root_(std::move(root)), datasets_(datasets, Dataset{.rows = rows}) {
  write(root_ / "offloader.yml", "version: 1\nkeys: keys/keys.yml\n");
  write_keys();
  for (std::size_t dataset = 0; dataset < datasets; ++dataset) {
    write_dataset(dataset);
    publish(dataset);
  }
}

void NumberedProject::write_dataset(std::size_t dataset) const {
  const std::string name = id(dataset);
  const int contract = datasets_[dataset].contract;
  const char* const last = contract == 1 ? "value" : "label";
  for (const bool page : {true, false}) {
    const std::string head =
        fmt::format("version: {}\ndataset: {}\ntenant: {{column: tenant}}\n", contract, name);
    write(root_ / fmt::format("endpoints/{}_{}.yml", name, page ? "page" : "sums"),
          page ? fmt::format(
                     "name: {0}_page\n{1}query:\n"
                     "  select: [{{as: tenant, column: tenant}}, {{as: id, column: id}},\n"
                     "    {{as: snap, column: snap}}, {{as: {2}, column: {2}}}]\n"
                     "  order_by: [{{column: id, dir: asc}}]\ncolumns: [tenant, id, snap, {2}]\n"
                     "pagination: {{default_limit: 100, max_limit: 1000}}\ncache: {{policy: snapshot}}\n",
                     name, head, last)
               : fmt::format(
                     "name: {0}_sums\n{1}query:\n"
                     "  select: [{{as: rows, column: id, agg: count}}, {{as: low, column: snap, agg: min}},\n"
                     "    {{as: high, column: snap, agg: max}}, {{as: {2}, column: {2}, agg: max}}]\n"
                     "columns: [rows, low, high, {2}]\ncache: {{policy: none}}\n",
                     name, head, last));
  }
  write(root_ / fmt::format("datasets/{}.yml", name),
        fmt::format(
            "id: {0}\nmanifest: data/{0}.json\ntenant_column: tenant\nschema:\n"
            "  [{{name: tenant, type: VARCHAR}}, {{name: id, type: BIGINT}}, {{name: snap, type: BIGINT}},\n"
            "   {{name: {1}, type: {2}}}]\n",
            name, last, contract == 1 ? "BIGINT" : "VARCHAR"));
}

void NumberedProject::write_keys() const {
  std::string endpoints;
  for (std::size_t dataset = 0; dataset < datasets_.size(); ++dataset)
    endpoints += fmt::format("{0}_page, {0}_sums, ", id(dataset));
  if (extra_) endpoints += "extra_page, ";
  endpoints.resize(endpoints.size() - 2);
  std::string keys = "keys:\n";
  const auto add = [&](std::string_view name, std::string_view tenant) {
    keys += fmt::format("  - {{id: {}, hash: \"{}\", tenant: {}, endpoints: [{}], status: active}}\n", name,
                        to_hex(sha256(token(name))), tenant, endpoints);
  };
  for (const std::string_view tenant : kTenants) add(tenant, tenant);
  if (extra_key_) add(kExtraKey, "north");
  write(root_ / "keys/keys.yml", keys);
}

void NumberedProject::write_snapshot(std::size_t dataset, std::int64_t promised_more) {
  Dataset& of = datasets_[dataset];
  const std::uint64_t number = ++of.newest;
  const std::int64_t per_tenant = rows_of_tenant(of.rows, number);
  const auto file = [&](std::uint64_t snapshot) { return fmt::format("{}.{}.csv", id(dataset), snapshot); };
  const std::uint64_t size = write_data(root_ / "data" / file(number), per_tenant, number);
  constexpr const char* kColumns[][2] = {
      {"tenant", "VARCHAR"}, {"id", "BIGINT"}, {"snap", "BIGINT"}, {"value", "BIGINT"}, {"label", "VARCHAR"}};
  json schema = json::array();
  for (const auto& [name, type] : kColumns) schema.push_back({{"name", name}, {"type", type}});
  const json manifest = {{"dataset_id", id(dataset)},
                         {"snapshot_id", fmt::format("s{}", number)},
                         {"created_at", "2026-01-01T00:00:00Z"},
                         {"watermark", "2026-01-01T00:00:00Z"},
                         {"schema", schema},
                         {"files", {{{"path", file(number)}, {"format", "csv"}, {"size_bytes", size}}}},
                         {"partition_columns", json::array()},
                         {"sort_columns", json::array()},
                         {"row_count", 2 * per_tenant + promised_more},
                         {"size_bytes", size},
                         {"producer", "test"},
                         {"upstream_run_id", "run"},
                         {"schema_version", 1},
                         {"data_quality_status", "passed"},
                         {"compatibility_policy", "additive_only"}};
  write(root_ / "data" / (id(dataset) + ".json"), manifest.dump());
  if (number > 2) fs::remove(root_ / "data" / file(number - 2));
}

std::uint64_t NumberedProject::publish(std::size_t dataset) {
  write_snapshot(dataset, 0);
  return datasets_[dataset].newest;
}

void NumberedProject::publish_unsound(std::size_t dataset) {
  write_snapshot(dataset, 1);
}

void NumberedProject::change_contract(std::size_t dataset) {
  datasets_[dataset].contract = 3 - datasets_[dataset].contract;
  write_dataset(dataset);
}

void NumberedProject::spoil(std::size_t dataset) {
  write(root_ / fmt::format("datasets/{}.yml", id(dataset)),
        fmt::format("id: {}\nschema: []\n", id(dataset)));
}

void NumberedProject::restore(std::size_t dataset) {
  write_dataset(dataset);
}

void NumberedProject::add_extra() {
  write(root_ / "data/extra.csv", "n\n1\n2\n3\n");
  write(root_ / "data/extra.json", json{{"dataset_id", "extra"},
                                        {"snapshot_id", "s1"},
                                        {"created_at", "2026-01-01T00:00:00Z"},
                                        {"watermark", "2026-01-01T00:00:00Z"},
                                        {"schema", {{{"name", "n"}, {"type", "BIGINT"}}}},
                                        {"files", {{{"path", "extra.csv"}, {"format", "csv"}}}},
                                        {"partition_columns", json::array()},
                                        {"sort_columns", json::array()},
                                        {"row_count", 3},
                                        {"size_bytes", 8},
                                        {"producer", "test"},
                                        {"upstream_run_id", "run"},
                                        {"schema_version", 1},
                                        {"data_quality_status", "passed"},
                                        {"compatibility_policy", "exact"}}
                                       .dump());
  write(
      root_ / "endpoints/extra_page.yml",
      "name: extra_page\nversion: 1\ndataset: extra\nquery: {select: [{as: n, column: n}]}\ncolumns: [n]\n");
  write(root_ / "datasets/extra.yml",
        "id: extra\nmanifest: data/extra.json\nschema: [{name: n, type: BIGINT}]\n");
  extra_ = true;
  write_keys();
}

void NumberedProject::remove_extra() {
  extra_ = false;
  write_keys();
  fs::remove(root_ / "endpoints/extra_page.yml");
  fs::remove(root_ / "datasets/extra.yml");
}

void NumberedProject::add_key() {
  extra_key_ = true;
  write_keys();
}

void NumberedProject::remove_key() {
  extra_key_ = false;
  write_keys();
}

NumberedProject::Asked NumberedProject::asked(std::uint64_t n) const {
  const std::uint64_t dataset = n % datasets_.size();
  const std::uint64_t kind = n / datasets_.size() % 4;
  return {.dataset = dataset, .page = kind % 2 == 0, .tenant = std::string(kTenants[kind / 2])};
}

std::string NumberedProject::request(std::uint64_t n) const {
  const Asked what = asked(n);
  return fmt::format("GET /v1/endpoints/{}_{} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\n\r\n",
                     id(what.dataset), what.page ? "page" : "sums", token(what.tenant));
}

std::optional<NumberedProject::Seen> NumberedProject::seen(std::string_view body) {
  const json answer = json::parse(body, nullptr, false);
  if (!answer.is_object() || !answer.contains("meta")) return std::nullopt;
  const auto snapshot = answer["meta"].value("snapshot_id", std::string());
  if (snapshot.size() < 2 || snapshot[0] != 's') return std::nullopt;
  return Seen{.snapshot = std::strtoull(snapshot.c_str() + 1, nullptr, 10),
              .version = answer["meta"].value("version", 0)};
}

std::optional<std::string> NumberedProject::judge(std::uint64_t n, int status, std::string_view body) const {
  const Asked what = asked(n);
  const auto wrong = [&](std::string_view why) {
    return fmt::format("{} of {}, {}: {}: {}", what.page ? "page" : "sums", id(what.dataset), status, why,
                       body);
  };
  if (status != 200) return wrong("not answered");
  const auto of = seen(body);
  if (!of) return wrong("no meta");
  const json answer = json::parse(body);
  const std::int64_t rows = rows_of_tenant(datasets_[what.dataset].rows, of->snapshot);
  const char* const last = of->version == 1 ? "value" : "label";
  const auto last_of = [&](std::int64_t row) {
    return of->version == 1 ? json(value_of(of->snapshot, row)) : json(label_of(of->snapshot, row));
  };
  const json& data = answer["data"];
  if (!what.page) {
    if (data.size() != 1 || data[0].size() != 4) return wrong("another shape");
    const json& sums = data[0];
    if (sums["low"] != of->snapshot || sums["high"] != of->snapshot) return wrong("another snapshot's rows");
    if (sums["rows"] != rows) return wrong("another number of rows");
    // The greatest label does not follow from the snapshot's number; check only that the column exists.
    if (!sums.contains(last)) return wrong("another contract's columns");
    return std::nullopt;
  }
  if (data.size() != static_cast<std::size_t>(rows) || answer["meta"]["row_count"] != rows)
    return wrong("another number of rows");
  for (std::int64_t i = 0; i < rows; ++i) {
    const json& row = data[static_cast<std::size_t>(i)];
    if (row.size() != 4 || !row.contains(last)) return wrong("another contract's columns");
    if (row["snap"] != of->snapshot || row["id"] != i || row[last] != last_of(i))
      return wrong("another snapshot's row");
    if (row["tenant"] != what.tenant) return wrong("another tenant's row");
  }
  return std::nullopt;
}

}  // namespace offloader::app
