#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "index_build.h"
#include "offloader/duckdb/instance.h"
#include "offloader/duckdb/plan_statement.h"
#include "offloader/index/execute.h"
#include "offloader/rows/json_writer.h"

// Measures the figures behind offloader/index/thresholds.h: one query, grouped or as an ordered page, over N
// rows in range, run by the index on the calling thread and by DuckDB (prepared, with all its threads); and
// the cost of handing a query to another thread and back.
namespace offloader::local_executor {
namespace {

using catalog::ColumnType;

constexpr std::int64_t kRows = 8'000'000;

const std::vector<catalog::Column> kSchema = {{"part", ColumnType::integer},
                                              {"day", ColumnType::date},
                                              {"campaign", ColumnType::varchar},
                                              {"clicks", ColumnType::integer},
                                              {"views", ColumnType::bigint}};

const std::vector<catalog::Column> kTenantSchema = {{"tenant", ColumnType::varchar},
                                                    {"day", ColumnType::date},
                                                    {"campaign", ColumnType::varchar},
                                                    {"clicks", ColumnType::integer},
                                                    {"views", ColumnType::bigint}};

// Rows sorted by `part`, which numbers blocks of 1,024 rows, so that `part < n` selects a range of any size.
class Scene {
 public:
  static Scene& get() {
    static Scene scene;
    return scene;
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene() { std::filesystem::remove_all(root_); }

  [[nodiscard]] const index::Reader& index() const { return *index_; }
  [[nodiscard]] const index::Reader& tenants() const { return *tenants_; }
  [[nodiscard]] duckdb::Connection& connection() { return *connection_; }

 private:
  Scene() {
    std::string pattern = (std::filesystem::temp_directory_path() / "index_bench.XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    const auto database = *duckdb::open_instance(
        {std::thread::hardware_concurrency(), 4ULL << 30, true, root_, {}, {root_.string()}, {}});
    connection_.emplace(*duckdb::Connection::open(database));
    for (const auto& sql :
         {fmt::format("ATTACH '{}' AS s", (root_ / "s.duckdb").string()),
          fmt::format("CREATE TABLE s.main.rows AS SELECT (i // 1024)::INTEGER AS part, DATE '2025-01-01' + "
                      "(i // 30 % 365)::INTEGER AS day, 'campaign ' || (hash(i) % 97) AS campaign, "
                      "(hash(i + 1) % 1000)::INTEGER AS clicks, (hash(i + 2) % 100000)::BIGINT AS views FROM "
                      "range({}) t(i)",
                      kRows),
          std::string(
              "CREATE TABLE s.main.tenants AS SELECT printf('tenant-%06d', i // 10000) AS tenant, DATE "
              "'2025-01-01' + (i % 10000 * 365 // 10000)::INTEGER AS day, 'campaign ' || (hash(i) % 97) "
              "AS campaign, (hash(i + 1) % 1000)::INTEGER AS clicks, (hash(i + 2) % 100000)::BIGINT AS "
              "views FROM range(1000000) t(i)"),
          std::string("CHECKPOINT s")}) {
      const auto done = connection_->query(sql);
      if (!done) throw std::runtime_error(done.error().detail);
    }
    IndexBuild build;
    build.connection = &*connection_;
    build.table = "s.main.rows";
    build.layout.schema = kSchema;
    build.layout.sort_columns = {0};
    build.layout.indexed_columns = {0, 1, 2, 3, 4};
    build.output = root_ / "s.index";
    const auto built = build_index(build);
    if (!built) throw std::runtime_error(built.error().detail);
    index_ = *index::Reader::open(build.output, kSchema);
    build.table = "s.main.tenants";
    build.layout.schema = kTenantSchema;
    build.layout.tenant_column = 0;
    build.layout.sort_columns = {1};
    build.output = root_ / "tenants.index";
    if (const auto again = build_index(build); !again) throw std::runtime_error(again.error().detail);
    tenants_ = *index::Reader::open(build.output, kTenantSchema);
  }
  std::filesystem::path root_;
  std::optional<duckdb::Connection> connection_;
  std::shared_ptr<const index::Reader> index_;
  std::shared_ptr<const index::Reader> tenants_;
};

query::Plan plan_over(std::int64_t rows, bool grouped) {
  auto shape = std::make_shared<query::PlanShape>();
  shape->id = 1;
  shape->schema = kSchema;
  const auto project = [&](std::size_t column, std::optional<catalog::Aggregate> aggregate) {
    shape->projections.push_back({kSchema[column].name, column, kSchema[column].type, aggregate});
  };
  if (grouped) {
    project(2, std::nullopt);
    project(3, catalog::Aggregate::sum);
    project(4, catalog::Aggregate::sum);
    shape->group_by = {0};
    shape->aggregated = true;
  } else {
    project(3, std::nullopt);
    project(1, std::nullopt);
    project(2, std::nullopt);
    project(4, std::nullopt);
  }
  for (std::size_t i = 0; i < shape->projections.size(); ++i) shape->order.push_back({i, i == 0 && !grouped});
  shape->conditions.push_back({0, ColumnType::integer, query::Comparison::lt});
  query::Plan plan;
  plan.values = {rows / 1024};
  plan.limit = grouped ? 500 : 50;
  for (std::size_t i = 0; i < shape->projections.size(); ++i) plan.columns.push_back(i);
  plan.shape = shape;
  return plan;
}

void by_index(benchmark::State& state) {
  const query::Plan plan = plan_over(state.range(0), state.range(1) != 0);
  const index::Reader& reader = Scene::get().index();
  rows::JsonWriter writer;
  for (auto _ : state) benchmark::DoNotOptimize(execute(plan, reader, look_up(plan, reader), writer));
}

void by_duckdb(benchmark::State& state) {
  const query::Plan plan = plan_over(state.range(0), state.range(1) != 0);
  std::vector<catalog::SizedType> types;
  for (const auto& column : kSchema) types.push_back(column.type);
  const auto statement =
      *duckdb::PlanStatement::prepare(Scene::get().connection(), *plan.shape, false, "s.main.rows", types);
  rows::JsonWriter writer;
  for (auto _ : state) {
    if (!statement.run(plan, types, writer) || !writer.finish()) state.SkipWithError("duckdb");
  }
}

// Wakes a waiting thread, which wakes the caller: the overhead that the read pool adds to a query.
void handing_over(benchmark::State& state) {
  std::mutex mutex;
  std::condition_variable changed;
  bool there = false;
  bool stop = false;
  std::thread other([&] {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return there || stop; });
      if (stop) return;
      there = false;
      changed.notify_all();
    }
  });
  for (auto _ : state) {
    std::unique_lock lock(mutex);
    there = true;
    changed.notify_all();
    changed.wait(lock, [&] { return !there; });
  }
  {
    const std::lock_guard lock(mutex);
    stop = true;
  }
  changed.notify_all();
  other.join();
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"rows", "grouped"});
  for (const std::int64_t rows : {1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 7 << 20}) {
    for (const int grouped : {0, 1}) bench->Args({rows, grouped});
  }
  bench->Unit(benchmark::kMicrosecond)->UseRealTime();
}

BENCHMARK(handing_over)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(by_index)->Apply(sizes);
BENCHMARK(by_duckdb)->Apply(sizes);

// The query of bench/compare.mjs: 20 days, grouped by day, of one of a hundred tenants with 10,000 rows each.
void selective(benchmark::State& state) {
  const std::vector<catalog::Column>& schema = kTenantSchema;
  auto shape = std::make_shared<query::PlanShape>();
  shape->id = 2;
  shape->schema = schema;
  shape->tenant_scoped = true;
  shape->aggregated = true;
  shape->projections = {{"day", 1, ColumnType::date, std::nullopt},
                        {"clicks", 3, ColumnType::integer, catalog::Aggregate::sum},
                        {"views", 4, ColumnType::bigint, catalog::Aggregate::sum},
                        {"rows", 2, ColumnType::varchar, catalog::Aggregate::count}};
  shape->group_by = {0};
  for (std::size_t i = 0; i < shape->projections.size(); ++i) shape->order.push_back({i, false});
  shape->conditions = {{0, ColumnType::varchar, query::Comparison::eq},
                       {1, ColumnType::date, query::Comparison::ge},
                       {1, ColumnType::date, query::Comparison::le}};
  query::Plan plan;
  plan.limit = 500;
  plan.columns = {0, 1, 2, 3};
  plan.shape = shape;
  std::vector<query::Plan> plans;
  for (int i = 0; i < 1000; ++i) {
    const std::int32_t first = 20089 + i * 17 % 345;
    plan.values = {fmt::format("tenant-{:06}", i * 7 % 100), query::Date{first}, query::Date{first + 19}};
    plans.push_back(plan);
  }
  const index::Reader& reader = Scene::get().tenants();
  std::size_t next = 0;
  rows::JsonWriter writer;
  for (auto _ : state) {
    benchmark::DoNotOptimize(execute(plans[next], reader, look_up(plans[next], reader), writer));
    benchmark::DoNotOptimize(writer.take());
    next = next + 1 == plans.size() ? 0 : next + 1;
  }
}
BENCHMARK(selective)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace offloader::local_executor

BENCHMARK_MAIN();
