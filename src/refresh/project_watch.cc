#include <algorithm>
#include <utility>

#include "refresher_impl.h"

namespace offloader::refresh {

void Refresher::Impl::watch_project() {
  SteadyTime next = clock_.steady_now() + options_.config_sync_interval;
  while (true) {
    std::vector<std::function<void(ReloadReport)>> asked;
    {
      std::unique_lock lock(state_mutex_);
      const auto due = [&] {
        return stopping_ || !reloads_.empty() || (sync_.enabled && clock_.steady_now() >= next);
      };
      if (sync_.enabled) {
        const auto rest =
            std::max<std::chrono::nanoseconds>(next - clock_.steady_now(), std::chrono::milliseconds(1));
        if (!project_changed_.wait_for(lock, rest, due)) continue;
      } else {
        project_changed_.wait(lock, due);
      }
      if (stopping_) return;
      asked.swap(reloads_);
    }
    const ReloadReport report = check_project();
    next = clock_.steady_now() + options_.config_sync_interval;
    for (const auto& done : asked) {
      if (done) done(report);
    }
  }
}

ReloadReport Refresher::Impl::check_project() {
  ReloadReport report;
  const auto refuse = [&](std::string error, catalog::Findings findings) {
    report = {
        .result = ReloadReport::Result::error, .error = std::move(error), .findings = std::move(findings)};
    log_.error("the project was refused: the running one stays", {{"error", report.error}});
  };
  // Taken before loading: a change in between is found by the next check.
  const auto stamp = source_->stamp();
  if (!stamp) {
    refuse(stamp.error().message, {});
  } else if (*stamp != stamp_) {
    auto loaded = source_->load();
    if (!loaded) {
      refuse(loaded.error().message, {});
    } else if (!loaded->catalog) {
      refuse(summary_of(loaded->findings), loaded->findings);
    } else {
      std::vector<std::shared_ptr<CancelFlag>> cancelled;
      {
        const std::lock_guard lock(state_mutex_);
        if (loaded->catalog->config_version != desired_->config_version) {
          apply(loaded->catalog);
          report.result = ReloadReport::Result::applied;
          report.findings = loaded->findings;
        }
        cancelled.swap(cancelled_);
      }
      for (const auto& cancel : cancelled) cancel->cancel();
      stamp_ = *stamp;
    }
  }
  {
    const std::lock_guard lock(state_mutex_);
    sync_.last_checked = clock_.now();
    sync_.ok = report.result != ReloadReport::Result::error;
    sync_.error = report.error;
    sync_.findings = report.findings;
    sync_.result = report.result == ReloadReport::Result::applied     ? "applied"
                   : report.result == ReloadReport::Result::unchanged ? "unchanged"
                                                                      : "error";
    if (report.result == ReloadReport::Result::applied) sync_.last_applied = clock_.now();
  }
  if (report.result == ReloadReport::Result::applied) log_.info("the project was applied", {});
  wake();
  return report;
}

}  // namespace offloader::refresh
