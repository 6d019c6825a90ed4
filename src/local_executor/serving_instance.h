#pragma once

#include <map>
#include <optional>

#include "local_files.h"
#include "offloader/base/mutex.h"
#include "offloader/catalog/catalog.h"
#include "offloader/duckdb/instance.h"
#include "offloader/executor/snapshot.h"

namespace offloader::local_executor {

// The instance that local snapshots are attached to, and which of them are. Any thread; attaching, detaching
// and rebuilding wait for one another, queries for none of them.
class ServingInstance {
 public:
  struct Attached {
    std::int64_t rows = 0;
    std::string fingerprint;
    std::vector<catalog::ColumnType> types;  // as stored: the manifest's, perhaps wider than the contract's
  };

  [[nodiscard]] static Result<std::unique_ptr<ServingInstance>> open(duckdb::InstanceOptions options);

  // `corrupt` when the file is missing, damaged or not of this contract; `unavailable` while the instance is
  // out of order; what the machine lacks (memory, open files, rights) as it is.
  [[nodiscard]] Result<Attached> attach(std::uint64_t id, const SnapshotFiles& files,
                                        const catalog::Dataset& dataset);
  void detach(std::uint64_t id);

  // Puts a new instance in place of one that DuckDB has declared invalid, with the same files attached under
  // the same names. A file that is damaged or gone is left out: its queries say `corrupt`. Where the machine
  // is to blame, all of it fails, there is no instance, and rebuild() may be called again. Nobody else may
  // hold the old instance by now.
  [[nodiscard]] Result<void> rebuild();

  [[nodiscard]] std::shared_ptr<duckdb::Database> database() const;

  // The snapshot's table, to stand after FROM.
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
