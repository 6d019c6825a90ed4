#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>

#include "offloader/base/cancel.h"
#include "offloader/base/mutex.h"
#include "offloader/executor/source_waits.h"

namespace offloader::refresh {

// Limits how many builds work at once (OFFLOADER_REFRESH_CONCURRENCY). Slots go to the oldest build first. A
// build that gets no bytes from its store for `patience` while another build waits is suspended: it gives up
// its slot, and takes one again, ahead of younger builds, when its bytes arrive. So slots are used for work,
// not for waiting on a store. At most `suspended` builds are suspended at once, because each keeps its
// memory; beyond that, a build that gets nothing for `longest` is cancelled. Owned by the BuildQueue, must
// outlive its turns, and may be called from any thread.
class BuildSlots {
 public:
  struct Limits {
    std::size_t slots = 1;
    std::size_t suspended = 4;
    // Time without bytes after which a build may be suspended.
    std::chrono::milliseconds patience{500};
    // Time without bytes after which a build that cannot be suspended is cancelled.
    std::chrono::milliseconds longest{10'000};
  };
  explicit BuildSlots(const Limits& limits) : limits_(limits) {}

  // One build's place in the line. It is told of the waits for the store through SourceWaits.
  class Turn final : public executor::SourceWaits {
   public:
    Turn(BuildSlots& slots, std::shared_ptr<CancelFlag> cancel);
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() override { leave(); }

    // Ends the build and gives up its slot. A second call does nothing, even if the BuildSlots no longer
    // exists.
    void leave();

    // Waits for a slot. Returns false when the build was cancelled, or after stop().
    [[nodiscard]] bool take();
    // Whether the build was cancelled because it received nothing for too long.
    [[nodiscard]] bool evicted() const;

    void begin() override;
    void end() override;
    void came() override;

   private:
    friend class BuildSlots;
    enum class State { outside, holding, suspended };

    BuildSlots& slots_;
    const std::shared_ptr<CancelFlag> cancel_;
    // All guarded by slots_.turns_mutex_, which the thread safety analysis cannot express.
    State state_ = State::outside;
    bool evicted_ = false;
    bool left_ = false;
    std::size_t wanted_by_ = 0;                            // its threads that wait for a slot
    std::size_t waits_ = 0;                                // its threads that wait for the store
    std::chrono::steady_clock::time_point quiet_since_{};  // start of the current wait, or end of the last
    std::chrono::steady_clock::time_point came_at_{};      // when bytes last arrived, even during a wait
    std::list<Turn*>::iterator place_;
  };

  // Adds a build at the end of the line.
  [[nodiscard]] std::shared_ptr<Turn> enter(std::shared_ptr<CancelFlag> cancel);
  // Ends every wait for a slot; take() returns false from now on.
  void stop();

 private:
  bool acquire(Turn& turn) OFFLOADER_REQUIRES(turns_mutex_);
  // Frees a slot for the first in line if a build that holds one gets nothing. Returns the flag of a build to
  // cancel, or null; cancel it without holding the lock.
  [[nodiscard]] std::shared_ptr<CancelFlag> make_room() OFFLOADER_REQUIRES(turns_mutex_);
  [[nodiscard]] bool is_first(const Turn& turn) const OFFLOADER_REQUIRES(turns_mutex_);
  [[nodiscard]] std::size_t count(Turn::State state) const OFFLOADER_REQUIRES(turns_mutex_);

  const Limits limits_;
  mutable Mutex turns_mutex_;
  Condition changed_;
  std::list<Turn*> turns_ OFFLOADER_GUARDED_BY(turns_mutex_);  // oldest first
  bool stopping_ OFFLOADER_GUARDED_BY(turns_mutex_) = false;
};

}  // namespace offloader::refresh
