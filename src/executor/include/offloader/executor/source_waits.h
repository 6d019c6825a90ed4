#pragma once

namespace offloader::executor {

// Notified by a build of each wait for an object store, on the thread that waits; waits of several threads
// may overlap. Implemented by the scheduler of build slots, so that a build that only waits does not occupy a
// slot. Must outlive the build.
class SourceWaits {
 public:
  virtual ~SourceWaits() = default;

  // Called when a wait begins.
  virtual void begin() = 0;
  // Called when the wait is over. May block until the build may continue; returns soon after the build is
  // cancelled.
  virtual void end() = 0;
  // Called when data arrives from the store, whether or not a wait ends with it. Called on any thread; must
  // not block.
  virtual void came() {}

  // Spans one wait. `waits` may be null.
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
