#pragma once

#include <map>
#include <optional>

#include "local_files.h"
#include "offloader/base/mutex.h"
#include "offloader/catalog/catalog.h"
#include "offloader/duckdb/instance.h"
#include "offloader/executor/snapshot.h"

namespace offloader::local_executor {

// The DuckDB instance to which local snapshots are attached, and the list of them. Owned by the executor. Any
// thread. Attaching, detaching and rebuilding wait for one another; queries wait for none of them.
class ServingInstance {
 public:
  struct Attached {
    std::int64_t rows = 0;
    std::string fingerprint;
    std::vector<catalog::SizedType> types;  // as stored: possibly wider than the contract's
  };

  [[nodiscard]] static Result<std::unique_ptr<ServingInstance>> open(duckdb::InstanceOptions options);

  // Attaches a snapshot's file and checks its columns and its row count. Errors: `corrupt` if the file is
  // missing, damaged or not of this contract; `unavailable` while the instance is invalid; errors of the
  // machine (memory, open files, permissions) unchanged.
  [[nodiscard]] Result<Attached> attach(std::uint64_t id, const SnapshotFiles& files,
                                        const catalog::Dataset& dataset);
  // Requires: no connection uses the snapshot any more.
  void detach(std::uint64_t id);

  // Replaces an instance that DuckDB has invalidated by a new one with the same files attached under the same
  // names. A file that is damaged or missing is left out; its queries then fail with `corrupt`. An error
  // means that the machine is at fault: there is no instance then, and rebuild() may be called again.
  // Requires: nobody else holds the old instance.
  [[nodiscard]] Result<void> rebuild();

  // Null after a failed rebuild().
  [[nodiscard]] std::shared_ptr<duckdb::Database> database() const;

  // Returns the snapshot's table, as SQL to put after FROM.
  [[nodiscard]] static std::string source_of(std::uint64_t id);

 private:
  explicit ServingInstance(duckdb::InstanceOptions options) : options_(std::move(options)) {}
  Result<void> start() OFFLOADER_REQUIRES(control_mutex_);
  Result<Attached> check(std::uint64_t id, const catalog::Dataset& dataset)
      OFFLOADER_REQUIRES(control_mutex_);

  const duckdb::InstanceOptions options_;
  mutable Mutex control_mutex_;
  std::shared_ptr<duckdb::Database> database_ OFFLOADER_GUARDED_BY(control_mutex_);
  std::optional<duckdb::Connection> control_ OFFLOADER_GUARDED_BY(control_mutex_);
  std::map<std::uint64_t, SnapshotFiles> attached_ OFFLOADER_GUARDED_BY(control_mutex_);
};

}  // namespace offloader::local_executor
