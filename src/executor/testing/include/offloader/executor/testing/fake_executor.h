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

// An executor for tests of what is above it. A snapshot is a file, `{root}/{dataset}/{name}.duckdb`, that
// says which one it is; a load waits where the test holds it, and queries wait until the test answers them.
// Thread-safe.
class FakeExecutor final : public Executor {
 public:
  // Where snapshots are kept; without it nothing can be loaded.
  explicit FakeExecutor(std::filesystem::path root = {}) : root_(std::move(root)) {}

  // Loads. A held snapshot id's load waits until it is let go or cancelled.
  void hold(const std::string& snapshot);
  void let_go(const std::string& snapshot);
  void wait_until_building(const std::string& snapshot);
  // The load of a held snapshot reports that it waits for its store.
  void wait_for_store_in(const std::string& snapshot);
  void fail_next(Refused failure);
  void while_building(std::function<void()> action) { while_building_ = std::move(action); }
  void while_opening(std::function<void()> action) { while_opening_ = std::move(action); }
  // Attaching ends like this, whatever the file holds.
  void fail_attaching(std::optional<Error> error);
  [[nodiscard]] int builds() const;
  // The snapshot and the layout that were asked for last, of a dataset.
  [[nodiscard]] std::pair<std::uint64_t, Layout> wanted(const std::string& dataset) const;
  std::atomic<IndexStatus::State> index_state{IndexStatus::State::ready};

  // Queries: kept until the test answers them with one row, whose column `n` is this JSON document, or with
  // an error.
  void answer(std::size_t query, Result<std::string> document);
  // What is answered at once from now on.
  void answer_all_at_once(std::function<Result<std::string>()> make) { at_once_ = std::move(make); }
  // The next run() has no memory.
  void throw_on_run();
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
