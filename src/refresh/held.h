#pragma once

#include <memory>
#include <string>

#include "offloader/executor/executor.h"
#include "offloader/serving/generation.h"
#include "offloader/snapshot_cache/cache_folder.h"
#include "project.h"

namespace offloader::refresh {

// A snapshot that serves, or can at once; or, after a restart, one whose remote files are yet to be opened.
// Immutable once shared.
struct Held {
  snapshot_cache::SnapshotRecord record;
  bool on_disk = false;  // its record is
  std::string contract;  // checksum
  std::shared_ptr<const serving::ServedSnapshot> local;
  std::shared_ptr<const serving::ServedSnapshot> remote;

  [[nodiscard]] bool opened() const { return local || remote; }
  // Of one that is opened.
  [[nodiscard]] const serving::ServedSnapshot& shown() const { return local ? *local : *remote; }
  // Whether it has everything that the contract asks for.
  [[nodiscard]] bool completes(const Contract& wanted) const {
    return contract == wanted.checksum && (!wanted.use.local || local) && (!wanted.use.remote || remote);
  }
};
using HeldPtr = std::shared_ptr<const Held>;

[[nodiscard]] std::shared_ptr<const serving::ServedSnapshot> served_snapshot(
    const snapshot_cache::SnapshotRecord& record, std::int64_t rows, std::uint64_t bytes,
    const std::string& fingerprint, SystemTime activated_at, std::shared_ptr<const executor::Snapshot> data);

}  // namespace offloader::refresh
