#include "project_watch.h"

#include <algorithm>
#include <utility>

#include "ending.h"

namespace offloader::refresh {
namespace {

ReloadReport reload_stopped() {
  return {.result = ReloadReport::Result::error, .error = "the server is shutting down", .findings = {}};
}

}  // namespace

ProjectWatch::ProjectWatch(ProjectSource& source, Options options, const Clock& clock, telemetry::Log& log,
                           Apply apply)
    : source_(source), options_(std::move(options)), clock_(clock), log_(log), apply_(std::move(apply)) {
  status_.enabled = options_.interval.count() > 0;
  status_.result = status_.enabled ? "init" : "disabled";
  if (options_.stale.empty()) return;
  status_.ok = false;
  status_.result = "error";
  status_.error = options_.stale;
}

Result<void> ProjectWatch::start() {
  stamp_ = source_.loaded_stamp();
  return thread_.start({.name = "config-sync",
                        .report =
                            [this](std::string_view what) {
                              log_.error("A refresher thread caught an exception.",
                                         {{"thread", "config-sync"}, {"detail", what}});
                            },
                        .after = Thread::AfterEscape::restart},
                       [this] { run(); });
}

void ProjectWatch::stop() {
  {
    const MutexLock lock(watch_mutex_);
    stopping_ = true;
  }
  source_.stop();
  watch_changed_.notify_all();
  thread_.join();
  std::vector<Asked> asked;
  {
    const MutexLock lock(watch_mutex_);
    asked.swap(asked_);
  }
  give(asked, reload_stopped());
}

void ProjectWatch::reload(std::function<void(ReloadReport)> done, const std::string& asked_by) {
  {
    const MutexLock lock(watch_mutex_);
    if (!stopping_) {
      asked_.push_back({std::move(done), asked_by});
      watch_changed_.notify_all();
      return;
    }
  }
  if (done) done(reload_stopped());
}

ConfigSyncStatus ProjectWatch::status() const {
  const MutexLock lock(watch_mutex_);
  return status_;
}

void ProjectWatch::run() {
  const bool by_itself = options_.interval.count() > 0;
  SteadyTime next = clock_.steady_now() + options_.interval;
  while (true) {
    std::vector<Asked> asked;
    {
      MutexLock lock(watch_mutex_);
      const auto due = [&]() OFFLOADER_REQUIRES(watch_mutex_) {
        return stopping_ || !asked_.empty() || (by_itself && clock_.steady_now() >= next);
      };
      if (by_itself) {
        const auto rest =
            std::max<std::chrono::nanoseconds>(next - clock_.steady_now(), std::chrono::milliseconds(1));
        if (!watch_changed_.wait_for(watch_mutex_, rest, due)) continue;
      } else {
        watch_changed_.wait(watch_mutex_, due);
      }
      if (stopping_) return;
      asked.swap(asked_);
    }
    const ReloadReport report = check_guarded(!asked.empty(), asked.empty() ? "" : asked.front().asked_by);
    next = clock_.steady_now() + options_.interval;
    give(asked, report);
  }
}

void ProjectWatch::give(const std::vector<Asked>& to, const ReloadReport& report) const {
  // A callback that throws must not prevent the others.
  for (const auto& [done, asked_by] : to) {
    if (done) run_guarded(report_failed(), [&] { done(report); });
  }
}

EscapeReport ProjectWatch::report_failed() const {
  return [this](std::string_view what) { log_.error("Reporting a reload failed.", {{"detail", what}}); };
}

// An invalid project is read again at every check, but logged again only when its errors change.
void ProjectWatch::log_refusal(const ReloadReport& report) {
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

ReloadReport ProjectWatch::check_guarded(bool asked, const std::string& asked_by) {
  ReloadReport report;
  try {
    report = check(asked);
  } catch (...) {
    const Error error = error_in_flight();
    log_.error("Reload failed. Still serving the previous configuration.",
               {{"error", error.message}, {"detail", error.detail}});
    report = {.result = ReloadReport::Result::error, .error = error.message, .findings = {}};
  }
  // An exception from here on does not change the result.
  run_guarded(report_failed(), [&] { show(report); });
  run_guarded(report_failed(), [&] {
    if (report.result == ReloadReport::Result::applied) {
      log_.info("The configuration was applied.", {{"request_id", asked_by}});
    } else if (asked && report.result == ReloadReport::Result::unchanged) {
      log_.info("The configuration was read again and is unchanged.", {{"request_id", asked_by}});
    }
  });
  return report;
}

ReloadReport ProjectWatch::check(bool asked) {
  ReloadReport report;
  const auto refuse = [&](std::string error, catalog::Findings findings) {
    report = {
        .result = ReloadReport::Result::error, .error = std::move(error), .findings = std::move(findings)};
    if (asked) refused_.clear();  // log it again for an explicit request
    log_refusal(report);
  };
  // Taken before loading, so that the next check finds a change made in between.
  const auto stamp = source_.stamp();
  if (!stamp) {
    refuse(stamp.error().message, {});
  } else if (asked || *stamp != stamp_) {
    auto loaded = source_.load();
    if (!loaded) {
      refuse(loaded.error().message, {});
    } else if (!loaded->catalog) {
      refuse(summary_of(loaded->findings), loaded->findings);
    } else {
      std::string loaded_stamp = source_.loaded_stamp();
      if (apply_(loaded->catalog)) {
        // The switch has been made, so nothing below may throw.
        report.result = ReloadReport::Result::applied;
        report.findings = std::move(loaded->findings);
      }
      stamp_ = std::move(loaded_stamp);
      refused_.clear();
    }
  }
  return report;
}

void ProjectWatch::show(const ReloadReport& report) {
  const MutexLock lock(watch_mutex_);
  status_.last_checked = clock_.now();
  if (report.result == ReloadReport::Result::applied) status_.last_applied = status_.last_checked;
  status_.ok = report.result != ReloadReport::Result::error;
  status_.result = report.result == ReloadReport::Result::applied     ? "applied"
                   : report.result == ReloadReport::Result::unchanged ? "unchanged"
                                                                      : "error";
  status_.error = report.error;
  status_.findings = report.findings;
}

}  // namespace offloader::refresh
