#include <utility>

#include "refresher_impl.h"

namespace offloader::refresh {
namespace {

// After an exception there may be no memory even for a backoff's arithmetic to be reported.
constexpr std::chrono::seconds kAfterAbandoned{30};

}  // namespace

void Refresher::Impl::guarded(Step step, const RunPtr& run, const AttemptPtr& attempt) noexcept {
  try {
    return (this->*step)(run, attempt);
  } catch (...) {
    try {
      const Error error = error_in_flight();
      log_.error("a refresh ended by an exception", {{"dataset", run->id}, {"detail", error.detail}});
      const MutexLock lock(state_mutex_);
      publish_again_ = true;
      if (run->attempt != attempt) return;  // it had ended already
      if (superseded(*run, *attempt)) return put_off(run, attempt);
      return end_locked(run, attempt, {.outcome = Outcome::failed, .error = error.message, .findings = {}});
    } catch (...) {
      // Even that took more memory than there is.
      const MutexLock lock(state_mutex_);
      if (run->attempt == attempt) abandon(*run);
    }
  }
}

void Refresher::Impl::abandon(Run& run) noexcept {
  run.attempt = nullptr;
  if (suspect_ == run.id) suspect_.clear();
  run.state.phase = Phase::idle;
  run.state.forced_waiting = run.state.forced_waiting || run.state.forced || !run.served.empty();
  run.state.forced = false;
  run.state.next_attempt = clock_.steady_now() + kAfterAbandoned;
  woken_ = true;
  changed_.notify_all();
}

Thread::Options Refresher::Impl::thread_options(const char* name, Thread::AfterEscape after) {
  return {
      .name = name,
      .report =
          [this, name](std::string_view what) {
            log_.error("a thread of the refresher caught an exception", {{"thread", name}, {"detail", what}});
          },
      .after = after};
}

}  // namespace offloader::refresh
