#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>

#include "offloader/base/cancel.h"
#include "offloader/base/mutex.h"
#include "offloader/executor/source_waits.h"

namespace offloader::refresh {

// The slots that builds run in (OFFLOADER_REFRESH_CONCURRENCY), oldest first. A build that gets nothing from
// its store for a moment is suspended where another one waits: it gives its slot away, and needs one again,
// before any younger build, once its bytes are there. So the work of a machine is done in slots, and bytes
// are awaited outside of them. At most `suspended` builds are that at once, since each keeps its memory; past
// that a build that goes on getting nothing is cancelled. Any thread; outlives its turns.
class BuildSlots {
 public:
  struct Limits {
    std::size_t slots = 1;
    std::size_t suspended = 4;
    std::chrono::milliseconds patience{500};    // without bytes, then a build may be suspended
    std::chrono::milliseconds longest{10'000};  // without bytes and a place to be suspended in
  };
  explicit BuildSlots(const Limits& limits) : limits_(limits) {}

  // One build's.
  class Turn final : public executor::SourceWaits {
   public:
    Turn(BuildSlots& slots, std::shared_ptr<CancelFlag> cancel);
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() override { leave(); }

    // The build is over: gives the slot back. Does nothing the second time, also when the slots are gone.
    void leave();

    // Waits for a slot. False when the build was cancelled meanwhile, or stop() called.
    [[nodiscard]] bool take();
    // Whether the build was cancelled because it got too few bytes to keep a slot.
    [[nodiscard]] bool evicted() const;

    void begin() override;
    void end() override;
    void came() override;

   private:
    friend class BuildSlots;
    enum class State { outside, holding, suspended };

    BuildSlots& slots_;
    const std::shared_ptr<CancelFlag> cancel_;
    // Guarded by the slots' turns_mutex_, which the analysis cannot know for the same one.
    State state_ = State::outside;
    bool evicted_ = false;
    bool left_ = false;
    std::size_t wanted_by_ = 0;                            // threads that wait for a slot for it
    std::size_t waits_ = 0;                                // threads that wait for its store
    std::chrono::steady_clock::time_point quiet_since_{};  // when the last wait began or ended
    std::chrono::steady_clock::time_point came_at_{};      // when bytes came last, also during a wait
    std::list<Turn*>::iterator place_;
  };

  // In the order of the calls.
  [[nodiscard]] std::shared_ptr<Turn> enter(std::shared_ptr<CancelFlag> cancel);
  // Every wait ends.
  void stop();

 private:
  bool acquire(Turn& turn) OFFLOADER_REQUIRES(turns_mutex_);
  // Makes room for the first in the line, if a build that holds a slot gets nothing. What is returned is to
  // be cancelled, without the lock.
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
