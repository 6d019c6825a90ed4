#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>

#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "offloader/base/testing/temporary_folder.h"
#include "offloader/executor/testing/fake_executor.h"
#include "offloader/object_store/testing/fake_store.h"
#include "offloader/refresh/refresher.h"

// A test environment around a refresher: a clock that the test moves, an executor whose builds the test holds
// and releases, an in-memory project, and manifests in a temporary folder.
namespace offloader::refresh {

namespace fs = std::filesystem;
using snapshot_cache::CacheFolder;

class TestClock final : public Clock {
 public:
  SystemTime now() const override {
    return SystemTime{std::chrono::hours(24 * 365 * 50)} + std::chrono::milliseconds(passed_.load());
  }
  SteadyTime steady_now() const override {
    return SteadyTime{std::chrono::hours(1)} + std::chrono::milliseconds(passed_.load());
  }
  void advance(std::chrono::milliseconds by) { passed_ += by.count(); }

 private:
  std::atomic<std::int64_t> passed_{0};
};

class SilentMetrics final : public telemetry::Metrics {
 public:
  std::atomic<bool> throws{false};  // gauge() throws; a new dataset calls it

  telemetry::Counter& counter(const std::string& name, const std::string&,
                              const telemetry::Labels& labels) override {
    const std::lock_guard lock(series_mutex_);
    std::string key = name;
    for (const auto& [label, value] : labels) key += "," + value;
    return counters_[key];
  }
  telemetry::Gauge& gauge(const std::string& name, const std::string&,
                          const telemetry::Labels& labels) override {
    if (throws) throw std::bad_alloc();
    const std::lock_guard lock(series_mutex_);
    std::string key = name;
    for (const auto& [label, value] : labels) key += "," + value;
    return gauges_[key];
  }
  telemetry::Histogram& histogram(const std::string& name, const std::string&,
                                  const telemetry::Labels& labels) override {
    const std::lock_guard lock(series_mutex_);
    return histograms_[name + (labels.empty() ? "" : labels[0].second)];
  }
  void remove(const std::string&, const std::string&) override {}
  std::shared_ptr<void> on_collect(std::function<void()> collect) override {
    collect_ = std::move(collect);
    return std::make_shared<int>(0);
  }
  std::string exposition() override {
    collect_();
    return {};
  }
  double gauge_value(const std::string& key) {
    const std::lock_guard lock(series_mutex_);
    return gauges_[key].value();
  }

 private:
  std::mutex series_mutex_;
  std::map<std::string, telemetry::Counter> counters_;
  std::map<std::string, telemetry::Gauge> gauges_;
  std::map<std::string, telemetry::Histogram> histograms_;
  std::function<void()> collect_;
};

// Keeps the lines logged at info and above, each with the texts of its fields. lines_with() searches warnings
// and errors, all_with() every line.
class KeepingLog final : public telemetry::Log {
 public:
  bool enabled(telemetry::Level level) const override { return level <= telemetry::Level::info; }
  void write(telemetry::Level level, std::string_view message,
             std::initializer_list<telemetry::Field> fields) override {
    if (!enabled(level)) return;
    std::string line(message);
    for (const telemetry::Field& field : fields) {
      line += " " + std::string(field.name);
      if (const auto* text = std::get_if<std::string>(&field.value)) line += "=" + *text;
      if (const auto* view = std::get_if<std::string_view>(&field.value)) line += "=" + std::string(*view);
    }
    const std::lock_guard lock(lines_mutex_);
    all_.push_back(line);
    if (level <= telemetry::Level::warning) lines_.push_back(std::move(line));
  }
  void flush() override {}
  std::vector<std::string> lines_with(const std::string& text) const { return find(lines_, text); }
  std::vector<std::string> all_with(const std::string& text) const { return find(all_, text); }

 private:
  std::vector<std::string> find(const std::vector<std::string>& among, const std::string& text) const {
    const std::lock_guard lock(lines_mutex_);
    std::vector<std::string> found;
    for (const std::string& line : among) {
      if (line.find(text) != std::string::npos) found.push_back(line);
    }
    return found;
  }

  mutable std::mutex lines_mutex_;
  std::vector<std::string> lines_;
  std::vector<std::string> all_;
};

using executor::testing::FakeExecutor;

using object_store::testing::FakeStore;

class FakeProject final : public ProjectSource {
 public:
  explicit FakeProject(fs::path root) : root_(std::move(root)) {}
  void set(catalog::LoadedProject project) {
    const std::lock_guard lock(mutex_);
    project_ = std::move(project);
    ++revision_;
  }
  void throw_next() {
    const std::lock_guard lock(mutex_);
    throws_ = true;
    ++revision_;
  }
  Result<std::string> stamp() override {
    const std::lock_guard lock(mutex_);
    return std::to_string(revision_);
  }
  Result<catalog::LoadedProject> load() override {
    const std::lock_guard lock(mutex_);
    if (std::exchange(throws_, false)) throw std::bad_alloc();
    loaded_ = revision_;
    return project_;
  }
  std::string loaded_stamp() const override {
    const std::lock_guard lock(mutex_);
    return std::to_string(loaded_);
  }
  std::string base() const override { return root_.string(); }
  bool remote() const override { return false; }

 private:
  fs::path root_;
  mutable std::mutex mutex_;
  catalog::LoadedProject project_;
  int revision_ = 0;
  int loaded_ = 0;
  bool throws_ = false;
};

// Returns a project of `datasets`, each with one endpoint of the same name.
inline catalog::Catalog project_of(const std::vector<std::string>& datasets,
                                   const std::string& version = "v1") {
  catalog::Catalog made;
  made.config_version = version;
  for (const std::string& id : datasets) {
    catalog::Dataset dataset;
    dataset.id = id;
    dataset.schema = {{.name = "id", .type = catalog::ColumnType::bigint}};
    dataset.origin = catalog::StaticManifest{id + ".json"};
    made.datasets[id] = dataset;
    catalog::Endpoint endpoint;
    endpoint.name = id;
    endpoint.dataset = id;
    endpoint.select = {{.as = "id", .column = 0, .aggregate = {}}};
    made.endpoints[id] = endpoint;
  }
  return made;
}

class World {
 public:
  explicit World(catalog::Catalog first) : catalog_(std::make_shared<catalog::Catalog>(std::move(first))) {}
  ~World() { stop(); }

  void start() {
    ASSERT_NO_FATAL_FAILURE(compose());
    ASSERT_TRUE(refresher->start());
  }
  // Creates everything, but does not start the refresher.
  void compose() {
    auto opened = CacheFolder::open(cache());
    if (!opened) FAIL() << opened.error().message;
    publication = std::make_unique<serving::Publication>(0, serving::make_generation(catalog_, {}, nullptr));
    auto source = std::make_unique<FakeProject>(project_folder());
    project = source.get();
    options.jitter = [] { return 0.0; };
    refresher = std::make_unique<Refresher>(executor, store, *publication, telemetry, clock,
                                            std::move(*opened), std::move(source),
                                            catalog::LoadedProject{.catalog = catalog_,
                                                                   .findings = {},
                                                                   .root = project_folder(),
                                                                   .datasets = {},
                                                                   .allowed_origins = {}},
                                            options);
  }
  void stop() {
    refresher.reset();
    publication.reset();
  }
  void restart() {
    stop();
    start();
  }
  ReloadReport reload(catalog::Catalog next) {
    catalog_ = std::make_shared<catalog::Catalog>(std::move(next));
    project->set({.catalog = catalog_, .findings = {}, .root = {}, .datasets = {}, .allowed_origins = {}});
    return refresher->reload_and_wait();
  }

  fs::path cache() const { return folder_.path() / "cache"; }
  fs::path project_folder() const { return folder_.path() / "project"; }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(project_folder());
    ASSERT_TRUE(write_file_atomically(project_folder() / name, text));
  }
  void offer(const std::string& dataset, const std::string& snapshot, const std::string& more = "") const {
    write(dataset + ".csv", "id,amount\n1,2.5\n");
    const bool graded = more.find("data_quality_status") != std::string::npos;
    write(
        dataset + ".json",
        R"({"dataset_id":")" + dataset + R"(","snapshot_id":")" + snapshot +
            R"(","created_at":"2019-12-01T00:00:00Z","watermark":"2019-12-01T00:00:00Z",)"
            R"("schema":[{"name":"id","type":"BIGINT"},{"name":"amount","type":"DOUBLE"}],"files":[{"path":")" +
            dataset +
            R"(.csv","format":"csv"}],"partition_columns":[],"sort_columns":[],"row_count":1,"size_bytes":17,)"
            R"("producer":"test","upstream_run_id":"run","schema_version":1,"compatibility_policy":"additive_only")" +
            (graded ? "" : R"(,"data_quality_status":"passed")") + more + "}");
  }

  DatasetStatus status(const std::string& dataset) const {
    for (auto& one : refresher->status().datasets) {
      if (one.dataset == dataset) return one;
    }
    return {};
  }
  template <typename Condition>
  void await(Condition condition) const {
    while (!condition()) std::this_thread::yield();
  }
  double gauge(const std::string& key) {
    (void)metrics.exposition();
    return metrics.gauge_value(key);
  }
  void await_active(const std::string& dataset, const std::string& snapshot) const {
    await([&] {
      const auto one = status(dataset);
      return one.active && one.active->snapshot_id == snapshot && !one.building;
    });
  }
  // Starts the refresher, with s2 serving and s1 as the previous snapshot.
  void start_with_previous(const std::string& dataset) {
    offer(dataset, "s1");
    start();
    await_active(dataset, "s1");
    offer(dataset, "s2");
    force(dataset);
  }
  std::string served(const std::string& endpoint) const {
    const auto generation = publication->latest();
    const auto found = generation->endpoints.find(endpoint);
    if (found == generation->endpoints.end()) return "no endpoint";
    return found->second.snapshot ? found->second.snapshot->snapshot_id : "not ready";
  }
  RefreshReport force(const std::string& dataset) const {
    return refresher->refresh_and_wait(dataset).value();
  }
  // Waits until the dataset has this many such files. The thread that activated a snapshot may hold the one
  // that it replaces a little longer, and so its file, even when the report has been delivered.
  void await_files(const std::string& dataset, const std::string& extension, std::size_t count) const {
    await([&] { return files(dataset, extension).size() == count; });
  }
  std::vector<std::string> files(const std::string& dataset, const std::string& extension) const {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(cache() / "datasets" / dataset, error)) {
      if (entry.path().extension() == extension) names.push_back(entry.path().filename().string());
    }
    return names;
  }

 private:
  TemporaryFolder folder_;
  std::shared_ptr<const catalog::Catalog> catalog_;

 public:
  TestClock clock;
  FakeExecutor executor{cache() / "datasets"};
  FakeStore store;
  KeepingLog& log = *new KeepingLog;  // owned by `telemetry`
  SilentMetrics& metrics = *new SilentMetrics;
  telemetry::Telemetry telemetry{std::unique_ptr<telemetry::Metrics>(&metrics),
                                 std::unique_ptr<telemetry::Log>(&log)};
  RefresherOptions options;
  std::unique_ptr<serving::Publication> publication;
  FakeProject* project = nullptr;
  std::unique_ptr<Refresher> refresher;
};

}  // namespace offloader::refresh
