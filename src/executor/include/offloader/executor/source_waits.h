#pragma once

namespace offloader::executor {

// Told by a build of each wait for a store, from the thread that waits; waits of several threads overlap.
// Implemented by whoever gives out the slots that builds run in, so that none is held by a build that only
// waits. Outlives the build.
class SourceWaits {
 public:
  virtual ~SourceWaits() = default;

  virtual void begin() = 0;
  // May block until the build may go on. Returns soon when the build is cancelled.
  virtual void end() = 0;
  // Something arrived from the store, whether or not a wait is over by it. Any thread; must not block.
  virtual void came() {}

  // One wait; `waits` may be null.
  class During {
   public:
    explicit During(SourceWaits* waits) : waits_(waits) {
      if (waits_ != nullptr) waits_->begin();
    }
    During(const During&) = delete;
    During& operator=(const During&) = delete;
    ~During() {
      if (waits_ != nullptr) waits_->end();
    }

   private:
    SourceWaits* waits_;
  };
};

}  // namespace offloader::executor
