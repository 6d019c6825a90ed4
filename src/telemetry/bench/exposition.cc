#include <benchmark/benchmark.h>

#include "registry.h"

// Measures one scrape of a server with 100 datasets and 200 endpoints in which every series is in use. The
// limit for a whole scrape, HTTP included, is 20 ms in a release build.
namespace {

using offloader::telemetry::Histogram;
using offloader::telemetry::Metrics;

std::unique_ptr<Metrics> registry(int datasets, int endpoints) {
  auto out = offloader::telemetry::make_registry();
  for (int i = 0; i < datasets; ++i) {
    const std::string dataset = "dataset_" + std::to_string(i);
    for (const char* name :
         {"offloader_snapshot_age_seconds", "offloader_snapshot_stale", "offloader_snapshot_rows",
          "offloader_snapshot_bytes", "offloader_refresh_ok", "offloader_source_reachable",
          "offloader_refresh_last_success_timestamp_seconds"}) {
      out->gauge(name, "A gauge.", {{"dataset", dataset}}).set(12345.678 * i);
    }
    for (const char* outcome : {"ok", "unchanged", "rejected", "failed"})
      out->counter("offloader_refresh_total", "A counter.", {{"dataset", dataset}, {"outcome", outcome}})
          .add(3);
    out->histogram("offloader_refresh_duration_seconds", "A histogram.", {{"dataset", dataset}}).observe(0.3);
  }
  for (int i = 0; i < endpoints; ++i) {
    const std::string endpoint = "endpoint_" + std::to_string(i);
    for (const char* status : {"ok", "client_error", "server_error", "not_ready"})
      out->counter("offloader_requests_total", "A counter.", {{"endpoint", endpoint}, {"status", status}})
          .add(7);
    for (const char* result : {"hit", "miss", "off"}) {
      out->counter("offloader_response_cache_total", "A counter.",
                   {{"endpoint", endpoint}, {"result", result}});
      Histogram& duration = out->histogram("offloader_request_duration_seconds", "A histogram.",
                                           {{"endpoint", endpoint}, {"cache", result}});
      for (double seconds = 0.00005; seconds < 20; seconds *= 2) duration.observe(seconds);
    }
    out->histogram("offloader_query_duration_seconds", "A histogram.", {{"endpoint", endpoint}})
        .observe(0.01);
    out->counter("offloader_rows_returned_total", "A counter.", {{"endpoint", endpoint}}).add(70);
  }
  return out;
}

void exposition(benchmark::State& state) {
  const auto metrics = registry(100, 200);
  std::size_t bytes = 0;
  for (auto _ : state) {
    const std::string text = metrics->exposition();
    bytes = text.size();
    benchmark::DoNotOptimize(text.data());
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(exposition)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
