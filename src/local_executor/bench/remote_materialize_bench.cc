#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>

#include "offloader/duckdb/testing/data_file.h"
#include "offloader/local_executor/local_executor.h"
#include "offloader/object_store/store_options.h"
#include "offloader/object_store/testing/bucket_contents.h"
#include "offloader/object_store/testing/fake_s3.h"
#include "offloader/telemetry/telemetry.h"

// Loads the same rows alternately from a bucket and from the local disk. The bucket delays each response by
// 30 ms and sends four at a time, each at 50 MB/s, so at most 200 MB/s in total. The target: the remote load
// reaches at least 0.7 (`ratio`) of that or of the local load's rate, whichever is less. This process also
// runs the bucket, which slows the remote side. OFFLOADER_BENCH_MB sets the size of the file.
namespace offloader::local_executor {
namespace {

namespace fakes = object_store::testing;
using catalog::ColumnType;
using manifest::FileFormat;
using manifest::ResolvedFile;

constexpr std::uint64_t kBandwidth = 50'000'000;  // bytes per second and connection
constexpr std::size_t kConnections = 4;
constexpr double kCeiling = kBandwidth * kConnections / 1e6;  // MB per second

struct Shape {
  const char* name;
  FileFormat format;
  double bytes_per_row;  // approximately
  const char* columns;   // SQL, as functions of the row number `i`
  const char* options;   // of COPY
  std::vector<catalog::Column> schema;
};

// A typical export: keys, days and numbers, compressed.
const Shape& narrow() {
  static const Shape shape{
      "rows.parquet",
      FileFormat::parquet,
      21,
      "'customer-' || (hash(i) % 1000)::VARCHAR AS tenant, DATE '2025-01-01' + (i * 7 % 365)::INTEGER AS "
      "day, "
      "(hash(i + 1) % 1000000)::BIGINT AS views, (hash(i + 2) % 100000)::DOUBLE / 7 AS spend",
      "FORMAT parquet, COMPRESSION snappy",
      {{"tenant", ColumnType::varchar},
       {"day", ColumnType::date},
       {"views", ColumnType::bigint},
       {"spend", ColumnType::float64}}};
  return shape;
}

// Long text that does not compress: many bytes and little work, so that the store is the bottleneck.
const Shape& wide() {
  static const Shape shape{
      "rows.parquet",
      FileFormat::parquet,
      200,
      "i AS id, md5(i::VARCHAR) || md5((i + 1)::VARCHAR) || md5((i + 2)::VARCHAR) AS first, "
      "md5((i + 3)::VARCHAR) || md5((i + 4)::VARCHAR) || md5((i + 5)::VARCHAR) AS second",
      "FORMAT parquet, COMPRESSION uncompressed",
      {{"id", ColumnType::bigint}, {"first", ColumnType::varchar}, {"second", ColumnType::varchar}}};
  return shape;
}

const Shape& csv() {
  static const Shape shape{"rows.csv",       FileFormat::csv,      42,
                           narrow().columns, "FORMAT csv, HEADER", narrow().schema};
  return shape;
}

class Scene {
 public:
  explicit Scene(const Shape& shape) : keys_(book_.add_keys("AKIDBENCH", "a secret")), s3_(contents_, book_) {
    std::string pattern = (std::filesystem::temp_directory_path() / "remote_bench.XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    std::filesystem::create_directories(root_ / "cache/datasets/d");
    std::filesystem::create_directories(root_ / "cache/tmp");
    dataset_.id = "d";
    dataset_.schema = shape.schema;
    write(shape);

    s3_.server().set_latency(std::chrono::milliseconds(30));
    s3_.server().set_bandwidth(kBandwidth);
    s3_.server().set_answers_at_once(kConnections);
    object_store::StoreOptions store;
    store.s3.key_id = keys_.key_id;
    store.s3.secret = keys_.secret;
    store.s3.endpoint = s3_.endpoint();
    Options options;
    options.cache_dir = root_ / "cache";
    options.threads = 2;
    options.memory_limit = 6ULL << 30;  // builds get a third of it
    options.use_index = false;
    executor_ = std::move(
        *open_local_executor(options, *telemetry_, object_store::make_object_store(store, *telemetry_)));
    local_ = {(root_ / shape.name).string(), false, {shape.name, shape.format, rows_, {}}};
    remote_ = {fmt::format("s3://bucket/{}", shape.name), true, {shape.name, shape.format, rows_, {}}};
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene() {
    executor_.reset();
    std::filesystem::remove_all(root_);
  }

  // Returns the duration of a load in seconds.
  [[nodiscard]] double load(benchmark::State& state, bool remote) {
    executor::Materialization request;
    request.dataset = &dataset_;
    request.layout.sort_columns = {0};
    request.source.manifest.schema = dataset_.schema;
    request.source.manifest.row_count = rows_;
    request.source.files = {remote ? remote_ : local_};
    request.source.policy = {{"s3://bucket"}, {}};
    request.name = "s1.b1";
    const auto begin = std::chrono::steady_clock::now();
    const auto built = executor_->materialize(request);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    if (!built) state.SkipWithError((built.error().error.message + " " + built.error().error.detail).c_str());
    if (built) executor_->drop("d", built->handle);
    return taken.count();
  }
  [[nodiscard]] double megabytes() const { return megabytes_; }
  [[nodiscard]] transport::testing::FakeServer& server() { return s3_.server(); }

 private:
  void write(const Shape& shape) {
    double size = 60;
    if (const char* text = std::getenv("OFFLOADER_BENCH_MB")) size = std::strtod(text, nullptr);
    rows_ = static_cast<std::int64_t>(size * 1e6 / shape.bytes_per_row);
    const auto path = root_ / shape.name;
    const auto done = duckdb::testing::write_data_file(
        fmt::format("SELECT {} FROM range({}) r(i)", shape.columns, rows_), path, shape.options);
    if (!done) {
      std::fprintf(stderr, "%s\n", done.error().detail.c_str());
      std::abort();
    }
    std::ifstream in(path, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    megabytes_ = static_cast<double>(bytes.size()) / 1e6;
    contents_.put("bucket", shape.name, std::move(bytes));
  }

  const std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  fakes::BucketContents contents_;
  credentials::testing::CredentialBook book_;
  credentials::testing::IssuedKeys keys_;
  fakes::FakeS3 s3_;
  std::filesystem::path root_;
  catalog::Dataset dataset_;
  std::int64_t rows_ = 0;
  double megabytes_ = 0;
  ResolvedFile local_;
  ResolvedFile remote_;
  std::unique_ptr<executor::Executor> executor_;
};

// Each iteration runs both sides, so that other load on the machine affects them alike.
void materialize(benchmark::State& state, const Shape& shape) {
  Scene scene(shape);
  double local = 1e9;
  double remote = 1e9;
  for (auto _ : state) {
    local = std::min(local, scene.load(state, false));
    scene.server().clear_log();
    remote = std::min(remote, scene.load(state, true));
  }
  const double local_rate = scene.megabytes() / local;
  const double remote_rate = scene.megabytes() / remote;
  state.counters["MB"] = scene.megabytes();
  state.counters["requests"] = static_cast<double>(scene.server().count("GET"));
  state.counters["read_MB"] = static_cast<double>(scene.server().bytes_sent()) / 1e6;
  state.counters["local_MB/s"] = local_rate;
  state.counters["remote_MB/s"] = remote_rate;
  state.counters["ratio"] = remote_rate / std::min(local_rate, kCeiling);
}
BENCHMARK_CAPTURE(materialize, parquet, narrow())->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(materialize, parquet_of_long_text, wide())->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(materialize, csv, csv())->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace offloader::local_executor

BENCHMARK_MAIN();
