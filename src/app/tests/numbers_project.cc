#include "numbers_project.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "offloader/base/file.h"

namespace offloader::app::numbers {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

void write(const fs::path& path, const std::string& text) {
  std::error_code exists;
  fs::create_directories(path.parent_path(), exists);
  if (!write_file_atomically(path, text)) std::abort();
}

// The note of row `id` in snapshot `number`: text that hardly compresses.
std::string note(int number, std::int64_t id) {
  const auto mixed = (static_cast<std::uint64_t>(id) + 1) * 0x9E3779B97F4A7C15ULL +
                     static_cast<std::uint64_t>(number) * 0xC2B2AE3D27D4EB4FULL;
  return fmt::format("{:016x}{:016x}", mixed, mixed * 0xFF51AFD7ED558CCDULL);
}

std::set<std::string> marked_builds(const fs::path& dataset) {
  std::set<std::string> builds;
  const auto text = read_file(dataset / "state.json", 1 << 20);
  const json marks = json::parse(text ? *text : "", nullptr, false);
  for (const char* which : {"active", "previous"}) {
    const std::string build = marks.is_object() ? marks.value(which, "") : "";
    if (!build.empty()) builds.insert(build);
  }
  return builds;
}

}  // namespace

void write_project(const fs::path& root, const std::string& origin) {
  write(root / "offloader.yml", "version: 1\nauth: none\n");
  write(root / "datasets/numbers.yml",
        "id: numbers\n" + origin +
            "\nschema: [{name: id, type: INTEGER}, {name: snapshot, type: INTEGER}, {name: note, type: "
            "VARCHAR}]\n");
  write(root / "endpoints/rows.yml",
        "name: rows\nversion: 1\ndataset: numbers\n"
        "query:\n  select: [{as: id, column: id}, {as: snapshot, column: snapshot}]\n"
        "  order_by: [{column: id, dir: asc}]\n"
        "columns: [id, snapshot]\npagination: {default_limit: 20, max_limit: 100000}\n"
        "cache: {policy: snapshot}\n");
  write(root / "endpoints/scan.yml",
        "name: scan\nversion: 1\ndataset: numbers\n"
        "query:\n  select: [{as: rows, column: id, agg: count}, {as: least, column: snapshot, agg: min},\n"
        "    {as: greatest, column: snapshot, agg: max}, {as: last, column: note, agg: max}]\n"
        "columns: [rows, least, greatest, last]\ncache: {policy: none}\n");
}

std::string csv_text(int number, std::int64_t rows) {
  std::string csv = "id,snapshot,note\n";
  for (std::int64_t id = 0; id < rows; ++id)
    fmt::format_to(std::back_inserter(csv), "{},{},{}\n", id, number, note(number, id));
  return csv;
}

std::string manifest_text(int number, std::int64_t rows, const std::string& file,
                          const std::string& size_bytes) {
  return fmt::format(
      R"({{"dataset_id":"numbers","snapshot_id":"s{}","created_at":"2026-01-01T00:00:00Z",)"
      R"("watermark":"2026-01-01T00:00:00Z","schema":[{{"name":"id","type":"INTEGER"}},)"
      R"({{"name":"snapshot","type":"INTEGER"}},{{"name":"note","type":"VARCHAR"}}],)"
      R"("files":[{{"path":"{}","format":"csv"{}}}],"partition_columns":[],"sort_columns":[],"row_count":{},)"
      R"("size_bytes":1,"producer":"test","upstream_run_id":"run","schema_version":1,)"
      R"("data_quality_status":"passed","compatibility_policy":"exact"}})",
      number, file, size_bytes.empty() ? "" : ",\"size_bytes\":" + size_bytes, rows);
}

fs::path publish(const fs::path& root, int number, std::int64_t rows) {
  const std::string name = fmt::format("numbers-{}.csv", number);
  const std::string csv = csv_text(number, rows);
  write(root / "data" / name, csv);
  write(root / "data/numbers.json", manifest_text(number, rows, name, std::to_string(csv.size())));
  std::error_code ignored;
  fs::remove(root / "data" / fmt::format("numbers-{}.csv", number - 2), ignored);
  return root / "data" / name;
}

int whole_snapshot(const Answer& answer, std::int64_t count, std::string& problem) {
  const json body = json::parse(answer.body, nullptr, false);
  if (answer.status != 200 || !body.is_object()) {
    problem = fmt::format("status {}: {}", answer.status, answer.body.substr(0, 500));
    return 0;
  }
  const json& data = body["data"];
  const auto expected = static_cast<std::size_t>(std::min(count, kPage));
  if (data.size() != expected) {
    problem = fmt::format("{} rows instead of {}", data.size(), expected);
    return 0;
  }
  const int number = data[0]["snapshot"].get<int>();
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (data[i]["snapshot"] != number || data[i]["id"] != i) {
      problem = fmt::format("row {} is {}, in an answer of snapshot {}", i, data[i].dump(), number);
      return 0;
    }
  }
  if (body["meta"]["snapshot_id"] != fmt::format("s{}", number)) {
    problem = fmt::format("rows of snapshot {} under {}", number, body["meta"].dump());
    return 0;
  }
  return number;
}

int scanned_snapshot(const Answer& answer, std::int64_t count, std::string& problem) {
  const json body = json::parse(answer.body, nullptr, false);
  if (answer.status != 200 || !body.is_object()) {
    problem = fmt::format("status {}: {}", answer.status, answer.body.substr(0, 500));
    return 0;
  }
  const json& row = body["data"][0];
  const int number = row["least"].get<int>();
  std::string last;
  for (std::int64_t id = 0; id < count; ++id) last = std::max(last, note(number, id));
  if (row["rows"] != count || row["greatest"] != number || row["last"] != last ||
      body["meta"]["snapshot_id"] != fmt::format("s{}", number)) {
    problem = body.dump();
    return 0;
  }
  return number;
}

std::vector<std::string> disorder(const fs::path& cache) {
  std::vector<std::string> found;
  std::error_code error;
  const std::set<std::string> known{"VERSION", "LOCK",  "datasets", "config",
                                    "tmp",     "marks", "exports",  "usage"};
  for (const auto& entry : fs::directory_iterator(cache, error)) {
    if (!known.contains(entry.path().filename().string())) found.push_back(entry.path().string());
  }
  for (const char* name : {"tmp", "config", "exports"}) {
    for (const auto& entry : fs::directory_iterator(cache / name, error))
      found.push_back(entry.path().string());
  }
  for (const auto& dataset : fs::directory_iterator(cache / "datasets", error)) {
    std::set<std::string> missing;
    std::set<std::string> optional;  // an index is derived and may be disabled
    const std::set<std::string> builds = marked_builds(dataset.path());
    for (const std::string& build : builds) {
      missing.insert({build + ".duckdb", build + ".json"});
      optional.insert(build + ".index");
    }
    int aside = 0;
    for (const auto& entry : fs::directory_iterator(dataset.path(), error)) {
      const std::string name = entry.path().filename().string();
      if (name == "state.json") continue;
      if (name.ends_with(".corrupt") && ++aside == 1) continue;
      // Names are `{snapshot}.{build}.{kind}`; those that begin with a dot are partial files.
      const auto dot = name.starts_with(".") ? std::string::npos : name.find('.');
      if (dot == std::string::npos ||
          missing.erase(name.substr(dot + 1)) + optional.erase(name.substr(dot + 1)) == 0)
        found.push_back(entry.path().string());
    }
    for (const std::string& name : missing) found.push_back((dataset.path() / ("missing: " + name)).string());
  }
  if (error) found.push_back(error.message());
  return found;
}

}  // namespace offloader::app::numbers
