#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "offloader/catalog/load.h"

// The contract's limits for 200,000 keys: under 2 s as NDJSON, under 15 s as YAML. A tenth of them shows
// whether the time is linear.
namespace {

constexpr const char* kDataset =
    "id: d\nmanifest: m.json\ntenant_column: t\nschema:\n  - {name: t, type: VARCHAR}\n";
constexpr const char* kEndpoint =
    "name: e\nversion: 1\ndataset: d\ntenant: {column: t}\nquery: {select: [{as: t, column: t}]}\ncolumns: "
    "[t]\n";

std::string key(std::size_t i, bool json) {
  const std::string n = std::to_string(i);
  const std::string hash = offloader::to_hex(offloader::sha256(n));
  return json ? R"({"id":"key_)" + n + R"(","hash":")" + hash + R"(","tenant":"t)" + n +
                    R"(","endpoints":["e"],"status":"active"})" + "\n"
              : "- {id: key_" + n + ", hash: \"" + hash + "\", tenant: t" + n +
                    ", endpoints: [e], status: active}\n";
}

void validate(benchmark::State& state, bool json) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const std::string name = json ? "keys.ndjson" : "keys.yml";
  std::string keys = json ? "" : "keys:\n";
  for (std::size_t i = 0; i < count; ++i) keys += key(i, json);
  const std::map<std::string, std::string> files{{"offloader.yml", "version: 1\nkeys: " + name + "\n"},
                                                 {"datasets/d.yml", kDataset},
                                                 {"endpoints/e.yml", kEndpoint},
                                                 {name, keys}};
  for (auto _ : state) {
    const auto loaded = offloader::catalog::load_project_files(files);
    if (!loaded.catalog || loaded.catalog->keys.size() != count)
      state.SkipWithError("the keys have findings");
  }
}

void validate_ndjson(benchmark::State& state) {
  validate(state, true);
}
void validate_yaml(benchmark::State& state) {
  validate(state, false);
}
BENCHMARK(validate_ndjson)->Arg(20'000)->Arg(200'000)->Unit(benchmark::kMillisecond);
BENCHMARK(validate_yaml)->Arg(20'000)->Arg(200'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
