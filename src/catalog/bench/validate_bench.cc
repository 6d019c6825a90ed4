#include <benchmark/benchmark.h>

#include "offloader/catalog/load.h"

// The contract's limit: 50 datasets and 100 endpoints in under 0.2 s (release build).
namespace {

std::map<std::string, std::string> project(int datasets, int endpoints) {
  std::map<std::string, std::string> files{{"offloader.yml", "version: 1\nauth: none\n"}};
  for (int i = 0; i < datasets; ++i) {
    const std::string id = "d" + std::to_string(i);
    std::string text = "id: " + id + "\nmanifest: data/" + id + ".json\nschema:\n";
    for (int c = 0; c < 20; ++c) text += "  - {name: c" + std::to_string(c) + ", type: BIGINT}\n";
    files["datasets/" + id + ".yml"] = text;
  }
  for (int i = 0; i < endpoints; ++i) {
    const std::string name = "e" + std::to_string(i);
    std::string params = "params:\n";
    std::string select = "query:\n  select:\n";
    std::string filters = "  filters:\n";
    std::string columns = "columns:\n";
    for (int c = 0; c < 10; ++c) {
      const std::string n = std::to_string(c);
      params += "  - {name: p" + n + ", type: integer}\n";
      select += "    - {as: c" + n + ", column: c" + n + "}\n";
      filters += "    - {column: c" + n + ", op: eq, param: p" + n + "}\n";
      columns += "  - c" + n + "\n";
    }
    files["endpoints/" + name + ".yml"] = "name: " + name + "\nversion: 1\ndataset: d" +
                                          std::to_string(i % datasets) + "\n" + params + select + filters +
                                          columns;
  }
  return files;
}

void validate(benchmark::State& state) {
  const auto files = project(50, 100);
  for (auto _ : state) {
    const auto loaded = offloader::catalog::load_project_files(files);
    if (!loaded.catalog) state.SkipWithError("the generated project has findings");
  }
}
BENCHMARK(validate)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
