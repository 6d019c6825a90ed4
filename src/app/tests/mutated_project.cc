#include "mutated_project.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "offloader/base/file.h"
#include "offloader/duckdb/describe_file.h"
#include "offloader/duckdb/testing/data_file.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;

// Ends the test program: nothing works without the setup.
[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::abort();
}

void write(const fs::path& path, const std::string& text) {
  std::error_code exists;
  fs::create_directories(path.parent_path(), exists);
  if (!write_file_atomically(path, text)) give_up("cannot write " + path.string());
}

Seed seed_of(const fs::path& file, const std::string& format, const std::string& suffix) {
  const bool parquet = format == "parquet";
  const auto described =
      duckdb::describe_file(file, parquet ? manifest::FileFormat::parquet : manifest::FileFormat::csv);
  if (!described) give_up(file.string() + ": " + described.error().message + described.error().detail);
  auto bytes = read_file(file, 1 << 24);
  if (!bytes) give_up(file.string() + ": " + bytes.error().message);
  return {
      {},   file.filename().string(), format, suffix, std::move(*bytes), described->columns, described->rows,
      false};
}

fs::path made(const fs::path& scratch, const std::string& name, const std::string& select,
              const std::string& options) {
  const fs::path file = scratch / name;
  if (const auto written = duckdb::testing::write_data_file(select, file, options); !written)
    give_up(name + ": " + written.error().detail);
  return file;
}

// Every column type of a contract, with nulls; also valid as CSV.
constexpr const char* kEverything =
    "SELECT i AS id, i % 3 = 0 AS flag, CASE WHEN i % 5 > 0 THEN (i * 7919) % 1000 END AS small, i * "
    "12345678901 AS "
    "big, CASE WHEN i % 7 > 0 THEN i / 8.0 END::DOUBLE AS amount, DATE '1969-12-25' + (i % 20)::INTEGER AS "
    "day, "
    "TIMESTAMP '1999-12-31 23:59:58' + to_seconds(i * 37) AS at, CASE WHEN i % 4 > 0 THEN ['a', 'zwei', "
    "'drei, "
    "''vier''', 'Zürich'][1 + i % 4] END AS text, '{\"a\": [' || i || ', null]}' AS doc FROM range(150) r(i)";

std::string columns_json(const std::vector<catalog::Column>& columns) {
  std::string out;
  for (const auto& column : columns) {
    out += fmt::format(R"({}{{"name":"{}","type":"{}"}})", out.empty() ? "" : ",", column.name,
                       catalog::name_of(column.type));
  }
  return "[" + out + "]";
}

void write_dataset(const fs::path& root, const std::string& id, const std::vector<catalog::Column>& columns,
                   bool scanned) {
  write(root / "datasets" / (id + ".yml"),
        fmt::format("id: {0}\nmanifest: data/{0}.json\nschema: {1}\n", id, columns_json(columns)));
  std::string select;
  std::string names;
  for (const auto& column : columns) {
    select += fmt::format("{}{{as: {}, column: {}}}", select.empty() ? "" : ", ", column.name, column.name);
    names += (names.empty() ? "" : ", ") + column.name;
  }
  for (const bool scan : {false, true}) {
    if (scan && !scanned) continue;
    const std::string name = id + (scan ? "_scan" : "");
    write(root / "endpoints" / (name + ".yml"),
          fmt::format("name: {}\nversion: 1\ndataset: {}\n{}query:\n  select: [{}]\ncolumns: [{}]\n"
                      "pagination: {{default_limit: 1000, max_limit: 1000}}\ncache: {{policy: none}}\n",
                      name, id, scan ? "serving_mode: remote_scan\n" : "", select, names));
  }
}

std::string manifest_of(const std::string& dataset, std::uint64_t number, const std::string& columns,
                        const std::string& file, const std::string& format, std::int64_t rows) {
  return fmt::format(
      R"({{"dataset_id":"{}","snapshot_id":"s{}","created_at":"2026-01-01T00:00:00Z",)"
      R"("watermark":"2026-01-01T00:00:00Z","schema":{},"files":[{{"path":"{}","format":"{}"}}],)"
      R"("partition_columns":[],"sort_columns":[],"row_count":{},"size_bytes":1,"producer":"test",)"
      R"("upstream_run_id":"run","schema_version":1,"data_quality_status":"passed","compatibility_policy":"exact"}})",
      dataset, number, columns, file, format, rows);
}

}  // namespace

std::vector<Seed> MutatedProject::parquet_seeds(const fs::path& scratch) {
  std::vector<fs::path> files;
  for (const auto& entry :
       fs::directory_iterator(fs::path(OFFLOADER_SOURCE_DIR) / "src/app/tests/data/parquet")) {
    if (entry.path().extension() == ".parquet") files.push_back(entry.path());
  }
  for (const char* codec : {"uncompressed", "snappy", "gzip", "zstd", "lz4_raw", "brotli"}) {
    for (const char* version : {"V1", "V2"}) {
      files.push_back(
          made(scratch, fmt::format("duckdb-{}-{}.parquet", codec, version), kEverything,
               fmt::format("FORMAT parquet, COMPRESSION {}, PARQUET_VERSION {}", codec, version)));
    }
  }
  files.push_back(made(scratch, "duckdb-plain.parquet", kEverything,
                       "FORMAT parquet, COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1"));
  files.push_back(
      made(scratch, "duckdb-nested.parquet",
           "SELECT i AS id, [i, NULL, i * 2] AS list, {'a': i, 'b': ['x', NULL]} AS tree, MAP {'k': i} AS "
           "map, i::UTINYINT AS tiny, i::FLOAT AS real FROM range(120) r(i)",
           "FORMAT parquet, PARQUET_VERSION V2"));
  std::ranges::sort(files);
  std::vector<Seed> seeds;
  for (const fs::path& file : files) {
    seeds.push_back(seed_of(file, "parquet", ".parquet"));
    seeds.back().dataset = fmt::format("p{}", seeds.size());
  }
  return seeds;
}

std::vector<Seed> MutatedProject::csv_seeds(const fs::path& scratch) {
  std::vector<Seed> seeds;
  const auto add = [&](const fs::path& file, const std::string& suffix) {
    seeds.push_back(seed_of(file, "csv", suffix));
    seeds.back().dataset = fmt::format("c{}", seeds.size());
  };
  const auto text = [&](const std::string& name, const std::string& content) {
    write(scratch / name, content);
    add(scratch / name, ".csv");
  };
  add(made(scratch, "everything.csv", kEverything, "FORMAT csv, HEADER"), ".csv");
  add(made(scratch, "quoted.csv", kEverything, "FORMAT csv, HEADER, FORCE_QUOTE (id, text, day, amount)"),
      ".csv");
  add(made(scratch, "everything.csv.gz", kEverything, "FORMAT csv, HEADER, COMPRESSION gzip"), ".csv.gz");
  std::string lines = "id,note\n";
  std::string crlf = "\xef\xbb\xbfid,day,price\r\n";
  std::string wide = "c0";
  for (int c = 1; c < 60; ++c) wide += fmt::format(",c{}", c);
  for (int i = 0; i < 120; ++i) {
    lines += fmt::format("{},\"line {}\nand \"\"another\"\", ü\"\n", i, i);
    crlf += fmt::format("{},2024-02-{:02},{}.5\r\n", i, 1 + i % 29, i);
    if (i < 20) {
      wide += "\n0";
      for (int c = 1; c < 60; ++c) wide += fmt::format(",{}", c * i);
    }
  }
  text("lines.csv", lines);
  text("crlf.csv", crlf);
  text("wide.csv", wide + "\n");
  return seeds;
}

MutatedProject::MutatedProject(fs::path root, std::vector<Seed> seeds)
    : root_(std::move(root)), seeds_(std::move(seeds)) {
  write(root_ / "offloader.yml", "version: 1\nauth: none\n");
  for (std::size_t i = 0; i < seeds_.size(); ++i) {
    seeds_[i].scanned = i % 4 == 0;
    write_dataset(root_, seeds_[i].dataset, seeds_[i].columns, seeds_[i].scanned);
    offer(i, 1, seeds_[i].bytes);
  }
  const std::vector<catalog::Column> columns{{"id", catalog::ColumnType::bigint},
                                             {"note", catalog::ColumnType::varchar}};
  write_dataset(root_, "witness", columns, false);
  std::string rows = "id,note\n";
  for (int i = 0; i < 200; ++i) rows += fmt::format("{},note {}\n", i, i * i);
  write(root_ / "data/witness.csv", rows);
  write(root_ / "data/witness.json",
        manifest_of("witness", 1, columns_json(columns), "witness.csv", "csv", 200));
}

std::string MutatedProject::file_name(std::size_t seed, std::uint64_t number) const {
  return fmt::format("{}-{}{}", seeds_[seed].dataset, number, seeds_[seed].suffix);
}

std::string MutatedProject::manifest_text(std::size_t seed, std::uint64_t number) const {
  return manifest_of(seeds_[seed].dataset, number, columns_json(seeds_[seed].columns),
                     file_name(seed, number), seeds_[seed].format, seeds_[seed].rows);
}

void MutatedProject::offer(std::size_t seed, std::uint64_t number, const std::string& bytes) const {
  write(root_ / "data" / file_name(seed, number), bytes);
  offer_manifest(seed, manifest_text(seed, number));
}

void MutatedProject::offer_manifest(std::size_t seed, const std::string& text) const {
  write(root_ / "data" / (seeds_[seed].dataset + ".json"), text);
}

void MutatedProject::remove(std::size_t seed, std::uint64_t number) const {
  std::error_code ignored;
  fs::remove(root_ / "data" / file_name(seed, number), ignored);
}

}  // namespace offloader::app
