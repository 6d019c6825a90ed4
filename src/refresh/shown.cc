#include <algorithm>
#include <limits>

#include "refresher_impl.h"

namespace offloader::refresh {
namespace {

constexpr std::int64_t kDefaultStaleMinutes = 24 * 60;

executor::IndexStatus index_of(const HeldPtr& held) {
  return held && held->local ? held->local->data->index_status() : executor::IndexStatus{};
}

// NaN where there is nothing to index: 0 would read as a lost index.
double indexed(const executor::IndexStatus& index) {
  using State = executor::IndexStatus::State;
  if (index.state == State::none) return std::numeric_limits<double>::quiet_NaN();
  return index.state == State::ready ? 1 : 0;
}

}  // namespace

RefreshStatus Refresher::Impl::status() const {
  const MutexLock lock(state_mutex_);
  RefreshStatus status;
  status.config_sync = sync_;
  for (const auto& [id, run] : runs_) status.datasets.push_back(status_of(*run));
  return status;
}

double Refresher::Impl::age_of(const serving::ServedSnapshot& snapshot) const {
  return std::chrono::duration<double>(clock_.now() - snapshot.watermark_time).count();
}

bool Refresher::Impl::stale(const Run& run) const {
  if (!run.active || !run.active->opened()) return false;
  std::optional<std::int64_t> minutes;
  for (const auto& [name, endpoint] : desired_->endpoints) {
    if (endpoint.dataset != run.id || !endpoint.max_staleness_minutes) continue;
    minutes = std::min(minutes.value_or(*endpoint.max_staleness_minutes), *endpoint.max_staleness_minutes);
  }
  return age_of(run.active->shown()) > static_cast<double>(minutes.value_or(kDefaultStaleMinutes)) * 60;
}

std::optional<SnapshotStatus> Refresher::Impl::snapshot_status(const HeldPtr& held) const {
  if (!held || !held->opened()) return std::nullopt;
  const serving::ServedSnapshot& shown = held->shown();
  return SnapshotStatus{.snapshot_id = shown.snapshot_id,
                        .watermark = shown.watermark,
                        .age_seconds = age_of(shown),
                        .rows = shown.rows,
                        .bytes = shown.bytes,
                        .data_quality_status = shown.data_quality,
                        .activated_at = shown.activated_at};
}

DatasetStatus Refresher::Impl::status_of(const Run& run) const {
  DatasetStatus status;
  const catalog::Dataset& dataset = desired_->datasets.find(run.id)->second;
  status.dataset = run.id;
  status.source = source_of(*desired_, dataset)->kind();
  for (const auto& [name, endpoint] : desired_->endpoints) {
    if (endpoint.dataset == run.id) status.endpoints.push_back(name);
  }
  status.active = snapshot_status(run.active);
  status.previous = snapshot_status(run.previous);
  status.quarantined_snapshot_id = run.state.quarantined;
  status.last_attempted = run.last_attempted;
  status.refresh_error = run.refresh_error;
  // Of what went wrong and what is amiss, the former is the news.
  if (run.refresh_ok || run.refresh_error.empty()) {
    if (std::string concern = unwanted_but_serving(run.policy, run.state); !concern.empty())
      status.refresh_error = std::move(concern);
  }
  status.findings = run.findings;
  status.source_reachable = run.source_reachable;
  status.manifest_valid = run.manifest_valid;
  status.stale = stale(run);
  if (run.state.phase == Phase::idle && run.state.next_attempt) {
    status.next_attempt_at = clock_.now() + std::chrono::duration_cast<std::chrono::microseconds>(
                                                *run.state.next_attempt - clock_.steady_now());
  }
  status.index = index_of(run.active);
  if (run.attempt && run.state.phase == Phase::building) {
    status.building = BuildStatus{.snapshot_id = run.attempt->resolved.candidate.snapshot_id,
                                  .progress = run.attempt->progress->load(std::memory_order_relaxed)};
  }
  return status;
}

void Refresher::Impl::collect() {
  const MutexLock lock(state_mutex_);
  for (const auto& [id, run] : runs_) {
    Handles& handles = *run->handles;
    if (run->active && run->active->opened()) {
      handles.age.set(age_of(run->active->shown()));
      handles.rows.set(static_cast<double>(run->active->shown().rows));
      handles.bytes.set(static_cast<double>(run->active->shown().bytes));
    } else {
      // Nothing serves: 0 seconds would read as fresh, and what served before as still there.
      handles.age.set(std::numeric_limits<double>::quiet_NaN());
      handles.rows.set(0);
      handles.bytes.set(0);
    }
    handles.indexed.set(indexed(index_of(run->active)));
    handles.stale.set(stale(*run) ? 1 : 0);
    handles.ok.set(run->refresh_ok ? 1 : 0);
    handles.reachable.set(run->source_reachable ? 1 : 0);
    if (run->last_success) {
      handles.last_success.set(std::chrono::duration<double>(run->last_success->time_since_epoch()).count());
    }
  }
  metrics_.gauge("offloader_config_sync_enabled", "1 when the project is checked for change by itself.")
      .set(sync_.enabled ? 1 : 0);
  metrics_.gauge("offloader_config_sync_ok", "1 unless the last check of the project was refused or failed.")
      .set(sync_.ok ? 1 : 0);
}

}  // namespace offloader::refresh
