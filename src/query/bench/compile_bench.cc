#include <benchmark/benchmark.h>

#include "offloader/catalog/load.h"
#include "offloader/query/compiler.h"

// The cost of each request before the cache lookup: decoding the query string, compiling it, and encoding the
// canonical form.
namespace offloader::query {
namespace {

std::shared_ptr<const Compiler> contract() {
  const auto loaded = catalog::load_project_files(
      {{"offloader.yml", "version: 1\n"},
       {"datasets/d.yml",
        "id: sales\nmanifest: m.json\ntenant_column: account\nschema:\n  - {name: account, type: VARCHAR}\n"
        "  - {name: day, type: DATE}\n  - {name: tier, type: VARCHAR}\n  - {name: units, type: BIGINT}\n"},
       {"endpoints/e.yml",
        "name: sales\nversion: 1\ndataset: sales\ntenant: {column: account}\nparams:\n"
        "  - {name: since, type: date, required: true}\n  - {name: tier, type: enum, enum: [GOLD, SILVER]}\n"
        "  - {name: units, type: integer}\nquery:\n  select:\n    - {as: day, column: day}\n"
        "    - {as: tier, column: tier}\n    - {as: units, column: units}\n  filters:\n"
        "    - {column: day, op: gte, param: since}\n    - {column: tier, op: eq, param: tier}\n"
        "    - {column: units, op: lte, param: units}\ncolumns: [day, tier, units]\n"}});
  if (loaded.catalog == nullptr) return nullptr;
  const catalog::Endpoint& endpoint = loaded.catalog->endpoints.at("sales");
  return make_compiler(endpoint, loaded.catalog->dataset_of(endpoint));
}

constexpr std::string_view kQuery = "since=2024-01-31&tier=GOLD&units=120";

void decode_compile_and_tell(benchmark::State& state) {
  const auto compiler = contract();
  const std::optional<catalog::Tenant> tenant("acme");
  std::string canonical;
  for (auto _ : state) {
    const auto params = decode_query_string(kQuery);
    const auto plan = compiler->compile(*params, tenant);
    canonical.clear();
    append_canonical(canonical, *plan);
    benchmark::DoNotOptimize(canonical.data());
  }
}
BENCHMARK(decode_compile_and_tell);

void decode_alone(benchmark::State& state) {
  for (auto _ : state) {
    auto params = decode_query_string(kQuery);
    benchmark::DoNotOptimize(params);
  }
}
BENCHMARK(decode_alone);

void compile_alone(benchmark::State& state) {
  const auto compiler = contract();
  const std::optional<catalog::Tenant> tenant("acme");
  const auto params = decode_query_string(kQuery);
  for (auto _ : state) {
    auto plan = compiler->compile(*params, tenant);
    benchmark::DoNotOptimize(plan);
  }
}
BENCHMARK(compile_alone);

// A list of the most values, which must stay well below a millisecond.
void compile_long_list(benchmark::State& state) {
  const auto loaded = catalog::load_project_files(
      {{"offloader.yml", "version: 1\n"},
       {"datasets/d.yml",
        "id: d\nmanifest: m.json\nschema:\n  - {name: tier, type: VARCHAR}\n"
        "  - {name: price, type: DOUBLE}\n"},
       {"endpoints/e.yml",
        "name: e\nversion: 1\ndataset: d\nparams:\n  - {name: tiers, type: string, list: {max: 1000}}\n"
        "  - {name: prices, type: number, list: {max: 1000}}\nquery:\n  select: [{as: tier, column: tier}]\n"
        "  filters:\n    - {column: tier, op: in, param: tiers}\n    - {column: price, op: in, param: "
        "prices}\n"
        "columns: [tier]\n"}});
  const catalog::Endpoint& endpoint = loaded.catalog->endpoints.at("e");
  const auto compiler = make_compiler(endpoint, loaded.catalog->dataset_of(endpoint));
  std::string tiers;
  std::string prices;
  for (int i = 0; i < 1000; ++i) {
    tiers += (i == 0 ? "" : ",") + std::string("a longer value with the number ") +
             std::to_string(i * 7919 % 1000);
    prices += (i == 0 ? "" : ",") + std::to_string(i * 7919 % 1000) + ".25";
  }
  const Params params{{"tiers", tiers}, {"prices", prices}};
  for (auto _ : state) {
    auto plan = compiler->compile(params, std::nullopt);
    benchmark::DoNotOptimize(plan);
  }
}
BENCHMARK(compile_long_list);

// An endpoint as large as its file may be, 1 MiB: thousands of params, each with a filter, and a list.
std::string largest_endpoint(const std::string& param_rest) {
  constexpr std::size_t kMaxFile = 1U << 20;
  const std::string head = "name: e\nversion: 1\ndataset: d\nparams:\n";
  std::string params = "- {name: tiers, type: string, list: {max: 1000}}\n";
  std::string rest =
      "query:\n select: [{as: tier, column: tier}]\n filters:\n - {column: tier, op: in, param: tiers}\n";
  const std::string tail = "columns: [tier]\n";
  for (int i = 0;; ++i) {
    const std::string name = "p" + std::to_string(i);
    const std::string param = "- {name: " + name + ", type: integer" + param_rest + "}\n";
    const std::string filter = " - {column: units, op: gte, param: " + name + "}\n";
    if (head.size() + params.size() + rest.size() + tail.size() + param.size() + filter.size() > kMaxFile)
      return head + params + rest + tail;
    params += param;
    rest += filter;
  }
}

// Compiles a request of 1,000 list values against the largest contract. The bound is a millisecond.
void compile_largest(benchmark::State& state, const std::string& param_rest) {
  const auto loaded =
      catalog::load_project_files({{"offloader.yml", "version: 1\nauth: none\n"},
                                   {"datasets/d.yml",
                                    "id: d\nmanifest: m.json\nschema:\n  - {name: tier, type: VARCHAR}\n"
                                    "  - {name: units, type: BIGINT}\n"},
                                   {"endpoints/e.yml", largest_endpoint(param_rest)}});
  if (!loaded.catalog) return state.SkipWithError(catalog::to_text(loaded.findings).substr(0, 500).c_str());
  const catalog::Endpoint& endpoint = loaded.catalog->endpoints.at("e");
  const auto compiler = make_compiler(endpoint, loaded.catalog->dataset_of(endpoint));
  std::string tiers;
  for (int i = 0; i < 1000; ++i) tiers += (i == 0 ? "tier" : ",tier") + std::to_string(i * 7919 % 1000);
  Params params{{"tiers", tiers}};
  for (std::size_t i = 0; i + 1 < kMaxParams; ++i)
    params.push_back({"p" + std::to_string(i * 7), std::to_string(i)});
  std::string canonical;
  for (auto _ : state) {
    const auto plan = compiler->compile(params, std::nullopt);
    if (!plan) return state.SkipWithError(plan.error().message.c_str());
    canonical.clear();
    append_canonical(canonical, *plan);
    benchmark::DoNotOptimize(canonical.data());
  }
  state.counters["params"] = static_cast<double>(endpoint.params.size());
}
BENCHMARK_CAPTURE(compile_largest, optional_params, "")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(compile_largest, defaults, ", default: 7")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace offloader::query

BENCHMARK_MAIN();
