#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "offloader/executor/executor.h"

namespace offloader::executor::testing {

// An executor for the tests of higher modules. A snapshot is a file `{root}/{dataset}/{name}.duckdb` that
// contains the snapshot's id. A load waits while the test holds it, and a query until the test answers it.
// Thread-safe, but the setters that take a function must be called before other threads use it.
class FakeExecutor final : public Executor {
 public:
  // `root` is the folder of the snapshots; without one nothing can be loaded.
  explicit FakeExecutor(std::filesystem::path root = {}) : root_(std::move(root)) {}

  // Loads. A held load waits until it is released or cancelled.
  void hold(const std::string& snapshot);
  void let_go(const std::string& snapshot);
  // Blocks until the load of this snapshot has begun.
  void wait_until_building(const std::string& snapshot);
  // The load of a held snapshot reports a wait for its store.
  void wait_for_store_in(const std::string& snapshot);
  // The next load fails like this.
  void fail_next(Refused failure);
  // Called during each load, and during each scan().
  void while_building(std::function<void()> action) { while_building_ = std::move(action); }
  void while_opening(std::function<void()> action) { while_opening_ = std::move(action); }
  // Every attach() fails with this error, whatever the file contains; nullopt ends that.
  void fail_attaching(std::optional<Error> error);
  // The number of loads so far.
  [[nodiscard]] int builds() const;
  // The snapshot and the layout of the last want_layout() for a dataset.
  [[nodiscard]] std::pair<std::uint64_t, Layout> wanted(const std::string& dataset) const;
  std::atomic<IndexStatus::State> index_state{IndexStatus::State::ready};

  // Queries: each waits until the test answers it, with an error or with one row whose column `n` is this
  // JSON document. The totals that a plan asks for are one row and the same row.
  void answer(std::size_t query, Result<std::string> document);
  // Answers a query row by row: `produce` is given a function that writes a row with this document, and
  // returns how the query ended.
  using WriteRow = std::function<Result<void>(const std::string& document)>;
  using Rows = std::function<Outcome(const WriteRow& write)>;
  void answer_with(std::size_t query, const Rows& produce);
  // Within `produce`: begins the answer again, as an executor does when a part of it gave up.
  [[nodiscard]] Result<void> begin_again(std::size_t query);
  // Makes answer_at_once() return these documents from now on.
  void answer_all_at_once(std::function<Result<std::string>()> make) { at_once_ = std::move(make); }
  // The next run() throws std::bad_alloc.
  void throw_on_run();
  // The number of queries so far; whether one of them, by index, was cancelled.
  [[nodiscard]] std::size_t queries() const;
  [[nodiscard]] bool cancelled(std::size_t query) const;

  [[nodiscard]] std::string_view name() const override { return "fake"; }
  [[nodiscard]] tl::expected<Materialized, Refused> materialize(const Materialization& request) override;
  [[nodiscard]] Result<SnapshotPtr> attach(const Stored& stored, const catalog::Dataset& dataset) override;
  [[nodiscard]] tl::expected<SnapshotPtr, Refused> scan(const catalog::Dataset& dataset, const Source& source,
                                                        const CancelFlag* cancel,
                                                        SourceWaits* waits) override;
  [[nodiscard]] Result<void> verify(const std::string& dataset, const Stored& stored,
                                    const CancelFlag& cancel) override;
  [[nodiscard]] std::vector<Found> recover(const std::string& dataset,
                                           std::span<const Stored> known) override;
  void drop(const std::string& dataset, const std::string& handle) override;
  void set_aside(const std::string& dataset, const std::string& handle) override;
  void want_layout(const SnapshotPtr& snapshot, const catalog::Dataset& dataset,
                   const Layout& layout) override;
  [[nodiscard]] std::span<const std::string_view> parts() const override;
  void run(Query query, AnsweredCallback callback) override;
  [[nodiscard]] std::optional<Outcome> answer_at_once(const query::Plan& plan, const Snapshot* snapshot,
                                                      rows::Writer& writer) override;
  [[nodiscard]] PoolStatus pool_status() const override { return {}; }
  [[nodiscard]] std::string version() const override { return "fake"; }
  [[nodiscard]] bool healthy() const override { return true; }
  [[nodiscard]] std::uint64_t memory_bytes() const override { return 0; }
  void stop() override {}

 private:
  struct Asked {
    Query query;
    AnsweredCallback callback;
  };
  [[nodiscard]] Asked take(std::size_t query);
  [[nodiscard]] std::filesystem::path place(const std::string& dataset, const std::string& handle) const;
  [[nodiscard]] std::optional<Refused> wait_while_held(const Materialization& request);

  const std::filesystem::path root_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> held_;
  std::set<std::string> building_;
  std::set<std::string> awaiting_;
  std::map<std::string, std::pair<std::uint64_t, Layout>> wanted_;
  std::optional<Refused> failure_;
  std::optional<Error> attach_error_;
  std::function<void()> while_building_;
  std::function<void()> while_opening_;
  int builds_ = 0;
  std::atomic<std::uint64_t> last_id_{0};
  std::vector<Asked> asked_;
  bool throws_ = false;
  std::function<Result<std::string>()> at_once_;
};

}  // namespace offloader::executor::testing
