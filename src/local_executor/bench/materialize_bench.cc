#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "materializer.h"
#include "offloader/base/timestamp.h"
#include "offloader/duckdb/instance.h"

// Loads one million CSV rows of eight columns, alternately with materialize() (which parses, verifies, sorts,
// fingerprints and syncs) and with DuckDB's own `CREATE TABLE AS … ORDER BY` into a database file. Both are
// configured with the same memory limit and two threads, of which a local build uses one (build_threads()).
// The target is a ratio of at least 0.5. OFFLOADER_BENCH_ROWS sets the number of rows.
namespace offloader::local_executor {
namespace {

using catalog::ColumnType;

constexpr unsigned kThreads = 2;
constexpr std::uint64_t kMemory = 2ULL << 30;

class Scene {
 public:
  Scene() {
    if (const char* text = std::getenv("OFFLOADER_BENCH_ROWS")) rows_ = std::strtoll(text, nullptr, 10);
    std::string pattern = (std::filesystem::temp_directory_path() / "materialize_bench.XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    std::filesystem::create_directories(root_ / "cache/datasets/d");
    std::filesystem::create_directories(root_ / "cache/tmp");
    dataset_.id = "d";
    dataset_.schema = {{"tenant", ColumnType::varchar},    {"day", ColumnType::date},
                       {"campaign", ColumnType::varchar},  {"clicks", ColumnType::integer},
                       {"views", ColumnType::bigint},      {"spend", ColumnType::float64},
                       {"seen_at", ColumnType::timestamp}, {"active", ColumnType::boolean}};
    dataset_.tenant_column = 0;
    write();
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene() { std::filesystem::remove_all(root_); }

  void ours(benchmark::State& state, bool index) const {
    Options options;
    options.use_index = index;
    options.cache_dir = root_ / "cache";
    options.threads = kThreads;
    options.memory_limit = kMemory * 3;  // builds get a third of it
    InstanceLedger ledger;
    BuildMemory memory(kMemory);
    executor::Materialization request;
    request.dataset = &dataset_;
    request.layout.sort_columns = {1, 2};
    request.layout.indexed_columns = {0, 1, 2, 3, 4, 5, 6, 7};
    request.source.manifest.schema = dataset_.schema;
    request.source.manifest.row_count = rows_;
    request.source.files = {{csv().string(), false, {"data.csv", manifest::FileFormat::csv, rows_, {}}}};
    const SnapshotFiles output{root_ / "cache/datasets/d/s1.b1"};
    const auto built = materialize(options, request, output, ledger, memory, {});
    if (!built) state.SkipWithError(explain(built.error()).c_str());
    std::filesystem::remove(output.database());
    std::filesystem::remove(output.index());
  }

  void duckdbs(benchmark::State& state) const {
    const auto path = root_ / "cache/datasets/own.duckdb";
    {
      auto database = duckdb::open_instance({kThreads,
                                             kMemory,
                                             false,
                                             root_ / "cache/tmp",
                                             {csv().string()},
                                             {(root_ / "cache/datasets").string()},
                                             {}});
      auto connection = duckdb::Connection::open(*database);
      for (const auto& sql :
           {fmt::format("ATTACH '{}' AS target", path.string()),
            fmt::format(
                "CREATE TABLE target.main.rows AS SELECT * FROM read_csv('{}', header=true, "
                "columns={{'tenant': 'VARCHAR', 'day': 'DATE', 'campaign': 'VARCHAR', 'clicks': 'INTEGER', "
                "'views': 'BIGINT', 'spend': 'DOUBLE', 'seen_at': 'TIMESTAMP', 'active': 'BOOLEAN'}}) "
                "ORDER BY tenant, day, campaign",
                csv().string()),
            std::string("DETACH target")}) {
        if (auto done = connection->query(sql); !done) state.SkipWithError(done.error().detail.c_str());
      }
    }
    std::filesystem::remove(path);
  }

 private:
  static std::string explain(const executor::Refused& failure) {
    return failure.error.message + " " + failure.error.detail + "\n" + catalog::to_text(failure.findings);
  }
  [[nodiscard]] std::filesystem::path csv() const { return root_ / "data.csv"; }

  void write() const {
    std::ofstream out(csv());
    out << "tenant,day,campaign,clicks,views,spend,seen_at,active\n";
    std::uint64_t random = 42;
    for (std::int64_t row = 0; row < rows_; ++row) {
      random = random * 6364136223846793005ULL + 1442695040888963407ULL;
      const auto bits = random >> 20;
      std::string line = fmt::format("customer-{:06},", bits % 1000);
      append_date(line, 19700 + static_cast<std::int32_t>(bits % 365));
      line += fmt::format(",campaign {},{},{},{}.{:02},", bits % 97, bits % 1'000'000, bits % 10'000'000'000,
                          bits % 5000, bits % 100);
      append_timestamp(line,
                       1'700'000'000'000'000 + static_cast<std::int64_t>(bits % 30'000'000) * 1'000'000);
      out << line << (bits % 3 == 0 ? ",true\n" : ",false\n");
    }
  }

  std::int64_t rows_ = 1'000'000;
  std::filesystem::path root_;
  catalog::Dataset dataset_;
};

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Each iteration runs all variants, so that other load on the machine affects them alike.
void materialize_beside_duckdb(benchmark::State& state) {
  const Scene scene;
  double ours = 1e9;
  double with_index = 1e9;
  double duckdbs = 1e9;
  for (auto _ : state) {
    duckdbs = std::min(duckdbs, seconds_of([&] { scene.duckdbs(state); }));
    ours = std::min(ours, seconds_of([&] { scene.ours(state, false); }));
    with_index = std::min(with_index, seconds_of([&] { scene.ours(state, true); }));
  }
  state.counters["duckdb_s"] = duckdbs;
  state.counters["offloader_s"] = ours;
  state.counters["indexed_s"] = with_index;
  state.counters["ratio"] = duckdbs / ours;
  state.counters["ratio_indexed"] = duckdbs / with_index;
}
BENCHMARK(materialize_beside_duckdb)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace offloader::local_executor

BENCHMARK_MAIN();
