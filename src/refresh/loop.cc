#include <algorithm>

#include "refresher_impl.h"

namespace offloader::refresh {
namespace {

constexpr std::chrono::seconds kSwapRetry{30};

}  // namespace

void Refresher::Impl::loop() {
  while (true) {
    drain_outbox();
    MutexLock lock(state_mutex_);
    if (stopping_) return;
    if (publish_again_) publish();
    std::optional<SteadyTime> until;
    const SteadyTime now = clock_.steady_now();
    for (const auto& [id, run] : runs_) {
      Action action = decide(run->policy, run->state, nullptr, now);
      if (action.kind == Action::Kind::swap_to_previous) {
        log_.warning("the project no longer wants the serving snapshot: back to the previous one",
                     {{"dataset", id}});
        if (const auto swapped = swap_to_previous(*run, false); swapped) {
          log_.info("The previous snapshot serves.", {{"dataset", id}, {"snapshot", run->state.active}});
          action = decide(run->policy, run->state, nullptr, now);
        } else {
          log_.error("cannot go back to the previous snapshot: the cache folder takes no record of it",
                     {{"dataset", id}, {"detail", swapped.error().message}});
          action = {.kind = Action::Kind::wait, .until = now + kSwapRetry, .reason = {}};
        }
      }
      warn_of_unwanted(*run);
      if (action.kind == Action::Kind::resolve) {
        try {
          begin_attempt(run);
        } catch (...) {
          abandon(*run);
          throw;
        }
      }
      if (action.kind == Action::Kind::wait && action.until && (!until || *action.until < *until))
        until = action.until;
    }
    if (!outbox_.empty()) continue;
    const auto woken = [this]() OFFLOADER_REQUIRES(state_mutex_) {
      return woken_ || stopping_ || !outbox_.empty();
    };
    if (until) {
      changed_.wait_for(state_mutex_,
                        std::max<std::chrono::nanoseconds>(*until - now, std::chrono::milliseconds(1)),
                        woken);
    } else {
      changed_.wait(state_mutex_, woken);
    }
    woken_ = false;
  }
}

void Refresher::Impl::warn_of_unwanted(Run& run) {
  std::string concern = unwanted_but_serving(run.policy, run.state);
  if (concern == run.concern) return;
  run.concern = std::move(concern);
  if (run.concern.empty()) return;
  log_.warning("a snapshot serves that the project does not want",
               {{"dataset", run.id}, {"snapshot", run.state.active}, {"reason", run.concern}});
}

void Refresher::Impl::drain_outbox() {
  std::vector<std::function<void()>> outbox;
  {
    const MutexLock lock(state_mutex_);
    outbox.swap(outbox_);
  }
  const EscapeReport report = [this](std::string_view what) {
    log_.error("a report of a refresh could not be given", {{"detail", what}});
  };
  // One report that cannot be made must not cost the others theirs.
  for (const auto& send : outbox) run_guarded(report, send);
}

void Refresher::Impl::wake_loop() noexcept {
  woken_ = true;
  changed_.notify_all();
}

}  // namespace offloader::refresh
