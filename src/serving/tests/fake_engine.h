#pragma once

#include <functional>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "offloader/engine/engine.h"

namespace offloader::serving {

// Keeps the queries that it is asked to run until the test answers them.
class FakeEngine final : public engine::Engine {
 public:
  struct Asked {
    engine::QueryJob job;
    engine::RowsCallback callback;
  };

  void run(engine::QueryJob job, engine::RowsCallback callback) override {
    const std::lock_guard lock(mutex_);
    if (std::exchange(throws_, false)) throw std::bad_alloc();
    asked_.push_back({std::move(job), std::move(callback)});
  }
  std::optional<Result<engine::Rows>> answer_at_once(const query::Plan&, const engine::Snapshot*) override {
    return at_once_ ? std::optional<Result<engine::Rows>>(at_once_()) : std::nullopt;
  }
  // What it answers at once from now on.
  void answer_all_at_once(std::function<Result<engine::Rows>()> make) { at_once_ = std::move(make); }

  // The next run() has no memory.
  void throw_on_run() { throws_ = true; }

  [[nodiscard]] std::size_t queries() {
    const std::lock_guard lock(mutex_);
    return asked_.size();
  }
  [[nodiscard]] bool cancelled(std::size_t query) {
    const std::lock_guard lock(mutex_);
    return asked_[query].job.cancel->cancelled();
  }
  void answer(std::size_t query, Result<engine::Rows> rows) {
    engine::RowsCallback callback;
    {
      const std::lock_guard lock(mutex_);
      callback = std::move(asked_[query].callback);
    }
    callback(std::move(rows));
  }
  static engine::Rows rows(std::string json) {
    engine::Rows out;
    out.json = std::move(json);
    out.row_count = 1;
    return out;
  }

  tl::expected<engine::BuiltSnapshot, engine::BuildFailure> build(const engine::BuildRequest&) override {
    return {};
  }
  Result<std::shared_ptr<const engine::Snapshot>> attach(const engine::SnapshotFiles&,
                                                         const catalog::Dataset&) override {
    return nullptr;
  }
  Result<void> verify(const engine::SnapshotFiles&, const std::string&, const CancelFlag&) override {
    return {};
  }
  tl::expected<std::shared_ptr<const engine::Snapshot>, engine::BuildFailure> open_remote(
      const catalog::Dataset&, const manifest::Manifest&, const std::vector<manifest::ResolvedFile>&,
      const engine::RemoteAccess&) override {
    return nullptr;
  }
  engine::PoolStatus pool_status() const override { return {}; }
  Result<std::string> duckdb_version() const override { return std::string(); }
  bool healthy() const override { return true; }
  std::uint64_t duckdb_bytes() const override { return 0; }
  void stop() override {}

 private:
  std::mutex mutex_;
  std::vector<Asked> asked_;
  bool throws_ = false;
  std::function<Result<engine::Rows>()> at_once_;
};

}  // namespace offloader::serving
