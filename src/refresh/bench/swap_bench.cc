#include <benchmark/benchmark.h>

#include <string>

#include "contract_use.h"
#include "effective_catalog.h"
#include "offloader/serving/generation.h"
#include "offloader/snapshot_cache/cache_folder.h"
#include "tests/large_project.h"

// Measures the cost of one dataset's new snapshot in a project of 200 endpoints: making the next generation
// and destroying the previous one. The endpoints read all 60 columns of one dataset and filter by up to eight
// of them.
namespace offloader::refresh {
namespace {

using Snapshots = std::map<std::string, serving::DatasetSnapshots, std::less<>>;

Snapshots snapshots(int number) {
  auto served = std::make_shared<serving::ServedSnapshot>();
  served->snapshot_id = "s" + std::to_string(number);
  served->fingerprint = to_hex(sha256(served->snapshot_id));
  return {{"facts", {.local = served, .remote = nullptr}}};
}

std::shared_ptr<const serving::Generation> next_generation(
    const std::shared_ptr<const catalog::Catalog>& desired, int number, const serving::Generation* before,
    Fit other) {
  // Computes the fit as the refresher does.
  const auto fit = [&](const std::string& id) {
    if (id == "other") return other;
    const catalog::Dataset& dataset = desired->datasets.find(id)->second;
    const bool fits =
        serving_modes(*desired, dataset).local && !snapshot_cache::contract_checksum(dataset).empty();
    return fits ? Fit::ready : Fit::behind;
  };
  return serving::make_generation(
      effective_catalog(desired, before == nullptr ? nullptr : before->catalog.get(), fit), snapshots(number),
      before);
}

void run_swaps(benchmark::State& state, Fit other) {
  const auto desired = LargeProject::load();
  if (desired == nullptr) return state.SkipWithError("the project has findings");
  const double before = LargeProject::rss_anon();
  auto generation = next_generation(desired, 0, nullptr, other);
  state.counters["generation_mb"] = LargeProject::rss_anon() - before;
  int number = 0;
  for (auto _ : state) generation = next_generation(desired, ++number, generation.get(), other);
  state.counters["rss_anon_mb"] = LargeProject::rss_anon();
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
  const std::shared_ptr<const catalog::Catalog> projects[] = {LargeProject::load(1), LargeProject::load(2)};
  if (projects[0] == nullptr) return state.SkipWithError("the project has findings");
  auto generation = next_generation(projects[0], 0, nullptr, Fit::ready);
  int number = 0;
  for (auto _ : state) generation = next_generation(projects[++number % 2], 0, generation.get(), Fit::ready);
}
BENCHMARK(reload_one_endpoint)->Unit(benchmark::kMillisecond)->Iterations(20);

}  // namespace
}  // namespace offloader::refresh

BENCHMARK_MAIN();
