#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "duckdb_handle.h"
#include "index_reader.h"
#include "offloader/catalog/catalog.h"
#include "offloader/engine/snapshot.h"

namespace offloader::engine {

// A snapshot as the engine sees it: what stands after FROM, and the instance that it stands in.
class OpenSnapshot final : public Snapshot {
 public:
  struct Parts {
    std::uint64_t id = 0;
    std::shared_ptr<Database> database;  // a remote one's own; null for a local one: the serving instance
    std::string source;                  // quoted, after FROM
    bool remote = false;
    std::int64_t rows = 0;
    std::string fingerprint;
    std::vector<catalog::ColumnType> types;    // of the contract's columns, as stored
    std::shared_ptr<const IndexReader> index;  // null: DuckDB answers everything
    // Called by whoever lets go last, which may be an I/O thread: it must not block. Takes over the instance.
    std::function<void(std::uint64_t id, bool retired, std::shared_ptr<Database> database)> on_gone;
  };
  explicit OpenSnapshot(Parts parts) : parts_(std::move(parts)), index_(parts_.index.get()) {}
  OpenSnapshot(const OpenSnapshot&) = delete;
  OpenSnapshot& operator=(const OpenSnapshot&) = delete;
  ~OpenSnapshot() override {
    parts_.index.reset();
    repaired_.reset();
    if (parts_.on_gone) parts_.on_gone(parts_.id, retired_.load(), std::move(parts_.database));
  }

  [[nodiscard]] std::uint64_t id() const override { return parts_.id; }
  [[nodiscard]] bool remote() const override { return parts_.remote; }
  [[nodiscard]] std::int64_t rows() const override { return parts_.rows; }
  [[nodiscard]] const std::string& fingerprint() const override { return parts_.fingerprint; }
  void retire() const override { retired_.store(true); }

  [[nodiscard]] const std::shared_ptr<Database>& database() const { return parts_.database; }
  [[nodiscard]] const std::string& source() const { return parts_.source; }
  [[nodiscard]] const std::vector<catalog::ColumnType>& types() const { return parts_.types; }
  // Null while there is none. Stays valid as long as the snapshot.
  [[nodiscard]] const IndexReader* index() const { return index_.load(std::memory_order_acquire); }
  // A snapshot opened without an index has got one. Once, by one thread.
  void take_index(std::shared_ptr<const IndexReader> index) const {
    repaired_ = std::move(index);
    index_.store(repaired_.get(), std::memory_order_release);
  }

 private:
  Parts parts_;
  mutable std::shared_ptr<const IndexReader> repaired_;
  mutable std::atomic<const IndexReader*> index_;
  mutable std::atomic<bool> retired_{false};
};

}  // namespace offloader::engine
