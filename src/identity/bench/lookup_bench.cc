#include <benchmark/benchmark.h>
#include <malloc.h>

#include <fstream>
#include <random>
#include <string>

#include "offloader/base/crypto.h"
#include "offloader/catalog/catalog.h"
#include "offloader/identity/principals.h"

// Looks up the tokens of some callers among ten and among 200,000 keys: the contract wants both equally fast.
// With 4,096 callers among the many, most of what a lookup needs is not in the processor's caches. Prints the
// anonymous memory of the keys too, which is to be at most 150 bytes a key above their texts.
namespace {

namespace catalog = offloader::catalog;
namespace identity = offloader::identity;

double anonymous_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stod(line.substr(8)) * 1024;
  }
  return 0;
}

std::string token(std::size_t i) {
  return "offl_" + offloader::to_hex(offloader::sha256(std::to_string(i))).substr(0, 48);
}

void look_up(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  catalog::Catalog project;
  malloc_trim(0);
  const double before = anonymous_bytes();
  std::size_t text = 0;
  {
    catalog::KeyTable::Builder builder;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string n = std::to_string(i);
      const catalog::Key key{
          .id = "key_" + n, .hash = offloader::sha256(token(i)), .tenant = "tenant_" + n, .endpoints = {"e"}};
      text += key.id.size() + key.tenant->size();
      builder.add(key);
    }
    project.keys = builder.take();
  }
  const identity::Principals principals(project);
  malloc_trim(0);
  state.counters["bytes_per_key_above_text"] =
      (anonymous_bytes() - before - static_cast<double>(text)) / static_cast<double>(count);
  std::mt19937 random(1);
  std::vector<std::size_t> callers(static_cast<std::size_t>(state.range(1)));
  for (std::size_t& caller : callers) caller = random() % count;
  std::vector<std::string> asked;
  for (std::size_t i = 0; i < 4'096; ++i) asked.push_back("Bearer " + token(callers[i % callers.size()]));
  std::size_t at = 0;
  for (auto _ : state) {
    const auto found = principals.find({asked[at++ % asked.size()]}, {});
    if (found.outcome != identity::Outcome::ok) state.SkipWithError("a key was not found");
  }
}
BENCHMARK(look_up)
    ->Args({10, 10})
    ->Args({200'000, 10})
    ->Args({200'000, 4'096})
    ->Repetitions(9)
    ->ReportAggregatesOnly();

void refuse_unknown(benchmark::State& state) {
  catalog::Catalog project;
  catalog::KeyTable::Builder builder;
  for (std::size_t i = 0; i < static_cast<std::size_t>(state.range(0)); ++i)
    builder.add({.id = "key_" + std::to_string(i), .hash = offloader::sha256(token(i)), .endpoints = {"e"}});
  project.keys = builder.take();
  const identity::Principals principals(project);
  std::vector<std::string> asked;
  for (std::size_t i = 0; i < 4'096; ++i) asked.push_back("Bearer x" + token(i));
  std::size_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize(principals.find({asked[at++ % asked.size()]}, {}).outcome);
}
BENCHMARK(refuse_unknown)->Arg(10)->Arg(200'000)->Repetitions(9)->ReportAggregatesOnly();

}  // namespace

BENCHMARK_MAIN();
