#include <benchmark/benchmark.h>

#include <fstream>
#include <string>

#include "effective_catalog.h"
#include "offloader/catalog/load.h"
#include "offloader/serving/generation.h"

// What one dataset's new snapshot costs a project of 200 endpoints: the next generation, and the end of the
// one before. The endpoints read all 60 columns of one dataset and filter by up to eight of them.
namespace offloader::refresh {
namespace {

using Snapshots = std::map<std::string, serving::DatasetSnapshots, std::less<>>;

constexpr int kColumns = 60;
constexpr int kFilters = 8;
constexpr int kEndpoints = 200;

std::string name(const char* prefix, int i) {
  return prefix + std::to_string(i);
}

std::string dataset_file(const std::string& id) {
  std::string text = "id: " + id + "\nmanifest: m.json\nschema:\n";
  for (int c = 0; c < kColumns; ++c)
    text += "  - {name: " + name("a_column_of_facts_", c) + ", type: BIGINT}\n";
  return text;
}

std::string endpoint_file(int i, const std::string& dataset, int version) {
  std::string text = "name: " + name("endpoint_", i) + "\nversion: " + std::to_string(version) +
                     "\ndataset: " + dataset + "\nparams:\n";
  for (int f = 0; f < kFilters; ++f) text += "  - {name: " + name("filter_", f) + ", type: integer}\n";
  text += "query:\n  select:\n";
  std::string columns;
  for (int c = 0; c < kColumns; ++c) {
    const std::string column = name("a_column_of_facts_", c);
    text += "    - {as: " + column + ", column: " + column + "}\n";
    columns += (c == 0 ? "" : ", ") + column;
  }
  text += "  filters:\n";
  for (int f = 0; f < kFilters; ++f) {
    text +=
        "    - {column: " + name("a_column_of_facts_", f) + ", op: gte, param: " + name("filter_", f) + "}\n";
  }
  return text + "columns: [" + columns + "]\n";
}

// With a second dataset, which no endpoint reads. `first_version` is the first endpoint's.
std::shared_ptr<const catalog::Catalog> project(int first_version = 1) {
  std::map<std::string, std::string> files{{"offloader.yml", "version: 1\nkeys: keys.yml\n"},
                                           {"datasets/facts.yml", dataset_file("facts")},
                                           {"datasets/other.yml", dataset_file("other")}};
  std::string granted;
  for (int i = 0; i < kEndpoints; ++i) {
    files["endpoints/" + name("e", i) + ".yml"] = endpoint_file(i, "facts", i == 0 ? first_version : 1);
    granted += (i == 0 ? "" : ", ") + name("endpoint_", i);
  }
  std::string keys = "keys:\n";
  for (int k = 0; k < 20; ++k) {
    keys += "  - {id: " + name("key_", k) + ", hash: \"" + to_hex(sha256(name("token", k))) +
            "\", tenant: null, endpoints: [" + granted + "], status: active}\n";
  }
  files["keys.yml"] = keys;
  catalog::LoadedProject loaded = catalog::load_project_files(std::move(files));
  if (loaded.catalog == nullptr) std::fputs(catalog::to_text(loaded.findings).c_str(), stderr);
  return loaded.catalog;
}

Snapshots snapshots(int number) {
  auto served = std::make_shared<serving::ServedSnapshot>();
  served->snapshot_id = name("s", number);
  served->fingerprint = to_hex(sha256(served->snapshot_id));
  return {{"facts", {.local = served, .remote = nullptr}}};
}

double rss_anon_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stod(line.substr(8)) / 1024;
  }
  return 0;
}

std::shared_ptr<const serving::Generation> next_generation(
    const std::shared_ptr<const catalog::Catalog>& desired, int number, const serving::Generation* before,
    Fit other) {
  const auto fit = [&](const std::string& id) { return id == "other" ? other : Fit::ready; };
  return serving::make_generation(
      effective_catalog(desired, before == nullptr ? nullptr : before->catalog.get(), fit), snapshots(number),
      before);
}

void run_swaps(benchmark::State& state, Fit other) {
  const auto desired = project();
  if (desired == nullptr) return state.SkipWithError("the project has findings");
  const double before = rss_anon_mb();
  auto generation = next_generation(desired, 0, nullptr, other);
  state.counters["generation_mb"] = rss_anon_mb() - before;
  int number = 0;
  for (auto _ : state) generation = next_generation(desired, ++number, generation.get(), other);
  state.counters["rss_anon_mb"] = rss_anon_mb();
}

void swap_one_dataset(benchmark::State& state) {
  run_swaps(state, Fit::ready);
}
BENCHMARK(swap_one_dataset)->Unit(benchmark::kMillisecond)->Iterations(20);

// While another dataset has no snapshot yet, the served catalog is a copy of the desired one.
void swap_while_another_is_missing(benchmark::State& state) {
  run_swaps(state, Fit::unknown);
}
BENCHMARK(swap_while_another_is_missing)->Unit(benchmark::kMillisecond)->Iterations(20);

// A reload that changes one endpoint of the 200.
void reload_one_endpoint(benchmark::State& state) {
  const std::shared_ptr<const catalog::Catalog> projects[] = {project(1), project(2)};
  if (projects[0] == nullptr) return state.SkipWithError("the project has findings");
  auto generation = next_generation(projects[0], 0, nullptr, Fit::ready);
  int number = 0;
  for (auto _ : state) generation = next_generation(projects[++number % 2], 0, generation.get(), Fit::ready);
}
BENCHMARK(reload_one_endpoint)->Unit(benchmark::kMillisecond)->Iterations(20);

}  // namespace
}  // namespace offloader::refresh

BENCHMARK_MAIN();
