#include <algorithm>
#include <utility>

#include "refresher_impl.h"

namespace offloader::refresh {

void Refresher::Impl::watch_project() {
  SteadyTime next = clock_.steady_now() + options_.config_sync_interval;
  while (true) {
    std::vector<AskedReload> asked;
    {
      MutexLock lock(state_mutex_);
      const auto due = [&]() OFFLOADER_REQUIRES(state_mutex_) {
        return stopping_ || !reloads_.empty() || (sync_.enabled && clock_.steady_now() >= next);
      };
      if (sync_.enabled) {
        const auto rest =
            std::max<std::chrono::nanoseconds>(next - clock_.steady_now(), std::chrono::milliseconds(1));
        if (!project_changed_.wait_for(state_mutex_, rest, due)) continue;
      } else {
        project_changed_.wait(state_mutex_, due);
      }
      if (stopping_) return;
      asked.swap(reloads_);
    }
    const ReloadReport report =
        check_project_guarded(!asked.empty(), asked.empty() ? "" : asked.front().asked_by);
    next = clock_.steady_now() + options_.config_sync_interval;
    for (const auto& [done, asked_by] : asked) {
      if (done) done(report);
    }
  }
}

// A project that stays wrong is read again at every check, and is logged again only when something else is
// wrong with it.
void Refresher::Impl::log_refusal(const ReloadReport& report) {
  const std::string text = report.error + "\n" + catalog::to_text(report.findings);
  if (text == refused_) return;
  refused_ = text;
  log_.error("Reload rejected. Still serving the previous configuration.", {{"error", report.error}});
  for (const catalog::Finding& finding : report.findings) {
    log_.write(
        finding.severity == catalog::Severity::error ? telemetry::Level::error : telemetry::Level::warning,
        "project finding",
        {{"file", finding.file},
         {"line", finding.line},
         {"path", finding.path},
         {"code", finding.code},
         {"message_text", finding.message}});
  }
}

ReloadReport Refresher::Impl::check_project_guarded(bool asked, const std::string& asked_by) {
  try {
    return check_project(asked, asked_by);
  } catch (...) {
    const Error error = error_in_flight();
    log_.error("the project could not be checked: the running one stays",
               {{"error", error.message}, {"detail", error.detail}});
    const MutexLock lock(state_mutex_);
    publish_again_ = true;
    sync_.last_checked = clock_.now();
    sync_.ok = false;
    sync_.result = "error";
    sync_.error = error.message;
    return {.result = ReloadReport::Result::error, .error = error.message, .findings = {}};
  }
}

ReloadReport Refresher::Impl::check_project(bool asked, const std::string& asked_by) {
  ReloadReport report;
  const auto refuse = [&](std::string error, catalog::Findings findings) {
    report = {
        .result = ReloadReport::Result::error, .error = std::move(error), .findings = std::move(findings)};
    if (asked) refused_.clear();  // who asks hears of it again
    log_refusal(report);
  };
  // Taken before loading: a change in between is found by the next check.
  const auto stamp = source_->stamp();
  if (!stamp) {
    refuse(stamp.error().message, {});
  } else if (asked || *stamp != stamp_) {
    auto loaded = source_->load();
    if (!loaded) {
      refuse(loaded.error().message, {});
    } else if (!loaded->catalog) {
      refuse(summary_of(loaded->findings), loaded->findings);
    } else {
      std::vector<std::shared_ptr<CancelFlag>> cancelled;
      {
        const MutexLock lock(state_mutex_);
        if (loaded->catalog->config_version != desired_->config_version) {
          apply(loaded->catalog);
          report.result = ReloadReport::Result::applied;
          report.findings = loaded->findings;
        }
        cancelled.swap(cancelled_);
      }
      for (const auto& cancel : cancelled) cancel->cancel();
      stamp_ = source_->loaded_stamp();
      refused_.clear();
    }
  }
  {
    const MutexLock lock(state_mutex_);
    sync_.last_checked = clock_.now();
    sync_.ok = report.result != ReloadReport::Result::error;
    sync_.error = report.error;
    sync_.findings = report.findings;
    sync_.result = report.result == ReloadReport::Result::applied     ? "applied"
                   : report.result == ReloadReport::Result::unchanged ? "unchanged"
                                                                      : "error";
    if (report.result == ReloadReport::Result::applied) sync_.last_applied = clock_.now();
  }
  if (report.result == ReloadReport::Result::applied) {
    log_.info("The configuration was applied.", {{"request_id", asked_by}});
  } else if (asked && report.result == ReloadReport::Result::unchanged) {
    log_.info("The configuration was read again and is unchanged.", {{"request_id", asked_by}});
  }
  wake();
  return report;
}

}  // namespace offloader::refresh
