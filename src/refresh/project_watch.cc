#include <algorithm>
#include <utility>

#include "refresher_impl.h"

namespace offloader::refresh {

void Refresher::Impl::watch_project() {
  SteadyTime next = clock_.steady_now() + options_.config_sync_interval;
  while (true) {
    std::vector<AskedReload> asked;
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
    const ReloadReport report = check_project(!asked.empty(), asked.empty() ? "" : asked.front().asked_by);
    next = clock_.steady_now() + options_.config_sync_interval;
    for (const auto& [done, asked_by] : asked) {
      if (done) done(report);
    }
  }
}

void Refresher::Impl::log_refusal(const std::string& error, const catalog::Findings& findings) {
  constexpr std::size_t kMost = 100;
  std::string said = error;
  for (const catalog::Finding& finding : findings) said += "\n" + finding.file + finding.message;
  // Once for a revision, not once for each check of it.
  if (said == refused_) return;
  refused_ = std::move(said);
  log_.error("The configuration was rejected. The previous one is still served.", {{"error", error}});
  std::size_t logged = 0;
  for (const catalog::Finding& finding : findings) {
    if (finding.severity != catalog::Severity::error) continue;
    if (++logged > kMost) break;
    log_.error("A finding of the rejected configuration.", {{"code", finding.code},
                                                            {"file", finding.file},
                                                            {"line", static_cast<std::int64_t>(finding.line)},
                                                            {"path", finding.path},
                                                            {"message_text", finding.message}});
  }
}

ReloadReport Refresher::Impl::check_project(bool asked, const std::string& asked_by) {
  ReloadReport report;
  const auto refuse = [&](std::string error, catalog::Findings findings) {
    report = {
        .result = ReloadReport::Result::error, .error = std::move(error), .findings = std::move(findings)};
    if (asked) refused_.clear();  // who asks hears of it again
    log_refusal(report.error, report.findings);
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
        const std::lock_guard lock(state_mutex_);
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
  if (report.result == ReloadReport::Result::applied) {
    log_.info("The configuration was applied.", {{"request_id", asked_by}});
  } else if (asked && report.result == ReloadReport::Result::unchanged) {
    log_.info("The configuration was read again and is unchanged.", {{"request_id", asked_by}});
  }
  wake();
  return report;
}

}  // namespace offloader::refresh
