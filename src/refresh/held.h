#pragma once

#include <memory>
#include <string>

#include "offloader/executor/executor.h"
#include "offloader/serving/generation.h"
#include "offloader/snapshot_cache/cache_folder.h"
#include "project.h"

namespace offloader::refresh {

// A snapshot that serves or can serve at once. After a restart, its remote files may still have to be opened.
// Immutable once shared.
struct Held {
  snapshot_cache::SnapshotRecord record;
  bool on_disk = false;  // its record is written
  std::string contract;  // contract_checksum() that it was built for
  std::shared_ptr<const serving::ServedSnapshot> local;
  std::shared_ptr<const serving::ServedSnapshot> remote;

  [[nodiscard]] bool opened() const { return local || remote; }
  // Requires: opened().
  [[nodiscard]] const serving::ServedSnapshot& shown() const { return local ? *local : *remote; }
  // Whether it has everything that the contract needs.
  [[nodiscard]] bool completes(const Contract& wanted) const {
    return contract == wanted.checksum && (!wanted.use.local || local) && (!wanted.use.remote || remote);
  }
};
using HeldPtr = std::shared_ptr<const Held>;

[[nodiscard]] std::shared_ptr<const serving::ServedSnapshot> served_snapshot(
    const snapshot_cache::SnapshotRecord& record, std::int64_t rows, std::uint64_t bytes,
    const std::string& fingerprint, SystemTime activated_at, std::shared_ptr<const executor::Snapshot> data);

}  // namespace offloader::refresh
