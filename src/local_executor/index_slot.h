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

// The index of one open snapshot: the one that answers now, and the layout that is wanted. Owned by the
// snapshot. Any thread; a reader that was handed out stays valid after it has been replaced.
class IndexSlot {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Null while DuckDB answers everything.
  [[nodiscard]] std::shared_ptr<const index::Reader> reader() const;
  [[nodiscard]] executor::IndexStatus status() const;

  void place(std::shared_ptr<const index::Reader> reader);

  // The following return whether the caller has to queue a rebuild. At most one is queued or runs at a time.

  // This reader is unusable, and no longer answers; null: there is none. No-op when another one has taken its
  // place.
  [[nodiscard]] bool lose(const index::Reader* lost, std::string reason);
  // The endpoints ask for this layout. A failed build of the same layout is not repeated before `now` is a
  // quarter of an hour later.
  [[nodiscard]] bool want(index::WantedLayout layout, Time now);
  // A rebuild has ended. It is repeated when another layout has been asked for meanwhile.
  [[nodiscard]] bool rebuilt(std::shared_ptr<const index::Reader> reader);
  [[nodiscard]] bool failed(std::string reason, Time now);

  // What a rebuild that begins now has to build; nullopt: the layout that the snapshot was built with.
  [[nodiscard]] std::optional<index::WantedLayout> begin();
  // The queued rebuild will not be done: the snapshot is retired, or the executor stops.
  void abandon();
  // Lets go of the reader.
  void close();
  // There is nothing to index.
  void unneeded();

 private:
  [[nodiscard]] bool is_current() const OFFLOADER_REQUIRES(slot_mutex_);  // the reader has the wanted layout
  [[nodiscard]] bool queue(std::string reason) OFFLOADER_REQUIRES(slot_mutex_);

  mutable Mutex slot_mutex_;
  std::shared_ptr<const index::Reader> reader_ OFFLOADER_GUARDED_BY(slot_mutex_);
  std::optional<index::WantedLayout> wanted_ OFFLOADER_GUARDED_BY(slot_mutex_);
  std::optional<std::uint64_t> tried_
      OFFLOADER_GUARDED_BY(slot_mutex_);  // the layout of the rebuild that runs or ran last
  bool queued_ OFFLOADER_GUARDED_BY(slot_mutex_) = false;
  executor::IndexStatus status_ OFFLOADER_GUARDED_BY(slot_mutex_);
  Time retry_at_ OFFLOADER_GUARDED_BY(slot_mutex_){};
};

}  // namespace offloader::local_executor
