#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "index_slot.h"
#include "local_files.h"
#include "offloader/base/cancel.h"
#include "offloader/catalog/catalog.h"
#include "offloader/duckdb/instance.h"
#include "offloader/executor/snapshot.h"

namespace offloader::local_executor {

// A snapshot of this executor: its SQL source and the DuckDB instance that contains it, and its index. Shared
// by its users, as every Snapshot is. Any thread.
class OpenSnapshot final : public executor::Snapshot, public std::enable_shared_from_this<OpenSnapshot> {
 public:
  struct Parts {
    std::uint64_t id = 0;
    // The instance of a remote snapshot; null for a local one, which is in the serving instance.
    std::shared_ptr<duckdb::Database> database;
    std::string source;  // quoted SQL to put after FROM
    bool remote = false;
    std::int64_t rows = 0;
    std::string fingerprint;
    std::vector<catalog::SizedType> types;            // the stored types of the contract's columns
    SnapshotFiles files;                              // local snapshots only
    std::shared_ptr<const catalog::Dataset> dataset;  // local snapshots only: the contract
    // Called when a query finds that the index cannot be read, on the query's thread. Must not block.
    std::function<void(const OpenSnapshot&, const index::Reader* lost)> on_index_broken;
    // Called when the last reference is released, possibly on an I/O thread. Must not block. Takes over the
    // instance.
    std::function<void(std::uint64_t id, bool retired, std::shared_ptr<duckdb::Database> database)> on_gone;
  };
  explicit OpenSnapshot(Parts parts) : parts_(std::move(parts)) {}
  OpenSnapshot(const OpenSnapshot&) = delete;
  OpenSnapshot& operator=(const OpenSnapshot&) = delete;
  ~OpenSnapshot() override {
    index_.close();
    if (parts_.on_gone) parts_.on_gone(parts_.id, retired_.load(), std::move(parts_.database));
  }

  [[nodiscard]] std::uint64_t id() const override { return parts_.id; }
  [[nodiscard]] bool remote() const override { return parts_.remote; }
  [[nodiscard]] std::int64_t rows() const override { return parts_.rows; }
  [[nodiscard]] const std::string& fingerprint() const override { return parts_.fingerprint; }
  void retire() const override {
    retired_.store(true);
    rebuild_cancel_->cancel();
  }
  [[nodiscard]] executor::IndexStatus index_status() const override { return index_.status(); }

  [[nodiscard]] const std::shared_ptr<duckdb::Database>& database() const { return parts_.database; }
  [[nodiscard]] const std::string& source() const { return parts_.source; }
  [[nodiscard]] const std::vector<catalog::SizedType>& types() const { return parts_.types; }
  [[nodiscard]] const SnapshotFiles& files() const { return parts_.files; }
  // Null for a remote snapshot.
  [[nodiscard]] const catalog::Dataset* dataset() const { return parts_.dataset.get(); }
  [[nodiscard]] IndexSlot& index() const { return index_; }
  void index_broken(const index::Reader* lost) const {
    if (parts_.on_index_broken) parts_.on_index_broken(*this, lost);
  }
  // Cancels a rebuild of the index. Raised by retire(), and when the executor stops during a rebuild.
  [[nodiscard]] const std::shared_ptr<CancelFlag>& rebuild_cancel() const { return rebuild_cancel_; }

 private:
  Parts parts_;
  mutable IndexSlot index_;
  const std::shared_ptr<CancelFlag> rebuild_cancel_ = std::make_shared<CancelFlag>();
  mutable std::atomic<bool> retired_{false};
};

}  // namespace offloader::local_executor
