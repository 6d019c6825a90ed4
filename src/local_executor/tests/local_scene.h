#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "local_files.h"
#include "offloader/duckdb/testing/unlocked.h"
#include "offloader/executor/testing/json_rows.h"
#include "offloader/local_executor/local_executor.h"
#include "offloader/rows/json_writer.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::local_executor {

using executor::testing::JsonRows;
using executor::testing::with_json;

// A fixture with an executor over a temporary folder, and data files in that folder.
class LocalScene : public ::testing::Test {
 protected:
  LocalScene() {
    std::string pattern = (std::filesystem::temp_directory_path() / "local_executor_test.XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    std::filesystem::create_directories(root_ / "cache/datasets/d");
    dataset_.id = "d";
    options_.cache_dir = root_ / "cache";
    options_.pool_size = 2;
    options_.pool_wait = std::chrono::hours(1);
    options_.query_timeout = std::chrono::hours(1);
    executor_ = std::move(*open_local_executor(options_, telemetry_));
  }
  ~LocalScene() override {
    executor_.reset();
    std::filesystem::remove_all(root_);
  }

  manifest::ResolvedFile file_of(const std::string& name, manifest::FileFormat format) {
    return {(root_ / name).string(), false, {name, format, {}, {}}};
  }
  manifest::ResolvedFile write(const std::string& name, const std::string& text) {
    std::ofstream(root_ / name) << text;
    return file_of(name, manifest::FileFormat::csv);
  }
  // Runs SQL in a separate DuckDB without restrictions.
  void sql(const std::string& text) {
    const auto done = duckdb::testing::unlocked_connection().query(text);
    ASSERT_TRUE(done) << done.error().detail << "\n" << text;
  }
  manifest::ResolvedFile parquet(const std::string& name, const std::string& select) {
    sql("COPY (" + select + ") TO '" + (root_ / name).string() + "' (FORMAT parquet)");
    return file_of(name, manifest::FileFormat::parquet);
  }

  executor::Materialization request(std::vector<manifest::ResolvedFile> files,
                                    std::optional<std::int64_t> rows) {
    executor::Materialization out;
    out.dataset = &dataset_;
    out.name = kName;
    out.source.manifest.schema = dataset_.schema;
    out.source.manifest.row_count = rows;
    out.source.files = std::move(files);
    return out;
  }
  // The name of the snapshot that request() builds.
  static constexpr const char* kName = "s1.b1";
  [[nodiscard]] SnapshotFiles files() const { return files_of(kName); }
  [[nodiscard]] SnapshotFiles files_of(const std::string& handle) const {
    return {root_ / "cache/datasets/d" / handle};
  }
  Result<executor::SnapshotPtr> attach(const std::string& handle = kName) {
    return executor_->attach({.handle = handle}, dataset_);
  }
  tl::expected<executor::SnapshotPtr, executor::Refused> scan(
      const manifest::Manifest& manifest, const std::vector<manifest::ResolvedFile>& files,
      const object_store::UrlPolicy& policy = {}, const CancelFlag* cancel = nullptr) {
    return executor_->scan(dataset_, {manifest, files, policy}, cancel, nullptr);
  }

  // A plan that selects every column of the contract, ordered by all of them.
  query::Plan everything() const {
    auto shape = std::make_shared<query::PlanShape>();
    shape->id = next_shape();
    shape->schema = dataset_.schema;
    query::Plan out;
    for (std::size_t i = 0; i < dataset_.schema.size(); ++i) {
      shape->projections.push_back({dataset_.schema[i].name, i, dataset_.schema[i].type, {}});
      shape->order.push_back({i, false});
      out.columns.push_back(i);
    }
    out.shape = std::move(shape);
    out.limit = 1000;
    return out;
  }
  static std::uint64_t next_shape() {
    static std::uint64_t next = 1;
    return next++;
  }

  Result<JsonRows> run(const query::Plan& plan, std::shared_ptr<const executor::Snapshot> snapshot) {
    std::promise<Result<JsonRows>> promise;
    const auto writer = std::make_shared<rows::JsonWriter>();
    executor_->run({plan, std::move(snapshot), writer, 1, nullptr},
                   with_json(writer, [&](Result<JsonRows> rows) { promise.set_value(std::move(rows)); }));
    return promise.get_future().get();
  }

  // Returns the answer of a local table, after checking that remote_scan gives the same one.
  std::string answer(const std::vector<manifest::ResolvedFile>& files, const manifest::Manifest& manifest) {
    auto request = this->request(files, manifest.row_count);
    request.source.manifest = manifest;
    const auto built = executor_->materialize(request);
    if (!built)
      return built.error().error.message + built.error().error.detail + to_text(built.error().findings);
    auto local = attach();
    if (!local) return local.error().message + local.error().detail;
    EXPECT_EQ((*local)->fingerprint(), built->fingerprint);
    auto remote = scan(manifest, files);
    if (!remote) return remote.error().error.detail + to_text(remote.error().findings);
    EXPECT_EQ((*remote)->rows(), built->rows);
    const auto plan = everything();
    auto expected = run(plan, *local);
    auto actual = run(plan, *remote);
    if (!expected) return expected.error().detail;
    EXPECT_TRUE(actual) << actual.error().detail;
    EXPECT_EQ(actual ? actual->json : "", expected->json);
    return expected->json;
  }
  std::string answer(const std::vector<manifest::ResolvedFile>& files) {
    return answer(files, request(files, std::nullopt).source.manifest);
  }
  // Returns the findings with which a build is rejected, as text.
  std::string refusal(std::vector<manifest::ResolvedFile> files,
                      std::optional<std::int64_t> rows = std::nullopt) {
    const auto built = executor_->materialize(request(std::move(files), rows));
    EXPECT_FALSE(built);
    EXPECT_TRUE(std::filesystem::is_empty(root_ / "cache/datasets/d"));
    if (built) return "";
    EXPECT_EQ(built.error().error.code, ErrorCode::rejected) << built.error().error.detail;
    return to_text(built.error().findings);
  }

  static void await(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) {
        ADD_FAILURE() << "what is awaited does not come";
        return;
      }
      std::this_thread::yield();
    }
  }

  std::filesystem::path root_;
  catalog::Dataset dataset_;
  Options options_;
  std::unique_ptr<telemetry::Telemetry> silent_ = telemetry::make_silent_telemetry();
  telemetry::Telemetry& telemetry_ = *silent_;
  std::unique_ptr<executor::Executor> executor_;
};

}  // namespace offloader::local_executor
