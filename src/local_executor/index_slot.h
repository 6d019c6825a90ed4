#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "offloader/base/mutex.h"
#include "offloader/executor/snapshot.h"
#include "offloader/index/layout.h"
#include "offloader/index/reader.h"

namespace offloader::local_executor {

// The index of one open snapshot: the current reader, the wanted layout, and the state of a rebuild. Owned by
// the snapshot. Any thread. A reader that was handed out stays valid after it is replaced.
class IndexSlot {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Null while DuckDB answers everything.
  [[nodiscard]] std::shared_ptr<const index::Reader> reader() const;
  [[nodiscard]] executor::IndexStatus status() const;

  // Sets the reader. The state is then `ready`.
  void place(std::shared_ptr<const index::Reader> reader);

  // These functions return whether the caller must queue a rebuild. At most one is queued or running.

  // Removes the reader `lost`, which is unusable; null: the snapshot has no index. Does nothing if another
  // reader has replaced it.
  [[nodiscard]] bool lose(const index::Reader* lost, std::string reason);
  // Sets the layout that the endpoints need. A failed build of it is not repeated within 15 minutes.
  [[nodiscard]] bool want(index::WantedLayout layout, Time now);
  // Ends a rebuild. It must be repeated if another layout became wanted meanwhile.
  [[nodiscard]] bool rebuilt(std::shared_ptr<const index::Reader> reader);
  [[nodiscard]] bool failed(std::string reason, Time now);

  // Begins the queued rebuild. Returns the layout to build; nullopt: the one with which the snapshot was
  // built.
  [[nodiscard]] std::optional<index::WantedLayout> begin();
  // Cancels the queued rebuild, because the snapshot is retired, the executor stops, or the rebuild threw.
  void abandon();
  // Releases the reader.
  void close();
  // Ends a rebuild that found nothing to index.
  void unneeded();

 private:
  [[nodiscard]] bool is_current() const OFFLOADER_REQUIRES(slot_mutex_);  // the reader has the wanted layout
  [[nodiscard]] bool queue(std::string reason) OFFLOADER_REQUIRES(slot_mutex_);

  mutable Mutex slot_mutex_;
  std::shared_ptr<const index::Reader> reader_ OFFLOADER_GUARDED_BY(slot_mutex_);
  std::optional<index::WantedLayout> wanted_ OFFLOADER_GUARDED_BY(slot_mutex_);
  // The layout_id() of the latest rebuild, running or ended.
  std::optional<std::uint64_t> tried_ OFFLOADER_GUARDED_BY(slot_mutex_);
  bool queued_ OFFLOADER_GUARDED_BY(slot_mutex_) = false;  // or running
  executor::IndexStatus status_ OFFLOADER_GUARDED_BY(slot_mutex_);
  Time retry_at_ OFFLOADER_GUARDED_BY(slot_mutex_){};
};

}  // namespace offloader::local_executor
