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
    engine::AnsweredCallback callback;
  };

  void run(engine::QueryJob job, engine::AnsweredCallback callback) override {
    const std::lock_guard lock(mutex_);
    if (std::exchange(throws_, false)) throw std::bad_alloc();
    asked_.push_back({std::move(job), std::move(callback)});
  }
  std::optional<Result<engine::Answered>> answer_at_once(const query::Plan&, const engine::Snapshot*,
                                                         rows::Writer& writer) override {
    if (!at_once_) return std::nullopt;
    return write(at_once_(), writer);
  }
  // What it answers at once from now on: one row, whose column `n` is this document.
  void answer_all_at_once(std::function<Result<std::string>()> make) { at_once_ = std::move(make); }

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
  // Answers the query with one row, whose column `n` is this document; or with an error.
  void answer(std::size_t query, Result<std::string> value) {
    engine::AnsweredCallback callback;
    std::shared_ptr<rows::Writer> writer;
    {
      const std::lock_guard lock(mutex_);
      callback = std::move(asked_[query].callback);
      writer = asked_[query].job.writer;
    }
    callback(write(std::move(value), *writer));
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
  static Result<engine::Answered> write(Result<std::string> value, rows::Writer& writer) {
    if (!value) return fail(std::move(value.error()));
    auto shape = std::make_shared<query::PlanShape>();
    shape->projections.push_back({"n", 0, catalog::ColumnType::json, std::nullopt});
    query::Plan plan;
    plan.shape = std::move(shape);
    plan.limit = 1;
    plan.columns = {0};
    const rows::Columns columns(plan);
    const std::string_view document = *value;
    const rows::Column column{.kind = rows::Kind::json, .values = &document};
    if (auto begun = writer.begin(columns); !begun) return fail(std::move(begun.error()));
    if (auto written = writer.write({.columns = {&column, 1}, .rows = 1}); !written)
      return fail(std::move(written.error()));
    if (auto finished = writer.finish(); !finished) return fail(std::move(finished.error()));
    engine::Answered out;
    out.row_count = 1;
    return out;
  }

  std::mutex mutex_;
  std::vector<Asked> asked_;
  bool throws_ = false;
  std::function<Result<std::string>()> at_once_;
};

}  // namespace offloader::serving
