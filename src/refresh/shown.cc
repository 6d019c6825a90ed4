#include <limits>

#include "dataset_actor.h"

// The status and the metrics of a dataset.
namespace offloader::refresh {
namespace {

executor::IndexStatus index_of(const HeldPtr& held) {
  return held && held->local ? held->local->data->index_status() : executor::IndexStatus{};
}

// NaN if there is nothing to index: 0 would look like a lost index.
double indexed(const executor::IndexStatus& index) {
  using State = executor::IndexStatus::State;
  if (index.state == State::none) return std::numeric_limits<double>::quiet_NaN();
  return index.state == State::ready ? 1 : 0;
}

double age_of(const serving::ServedSnapshot& snapshot, SystemTime now) {
  return std::chrono::duration<double>(now - snapshot.watermark_time).count();
}

bool stale(const HeldPtr& active, const Contract& contract, SystemTime now) {
  return active && active->opened() &&
         age_of(active->shown(), now) > static_cast<double>(contract.stale_minutes) * 60;
}

std::optional<SnapshotStatus> snapshot_status(const HeldPtr& held, SystemTime now) {
  if (!held || !held->opened()) return std::nullopt;
  const serving::ServedSnapshot& shown = held->shown();
  return SnapshotStatus{.snapshot_id = shown.snapshot_id,
                        .watermark = shown.watermark,
                        .age_seconds = age_of(shown, now),
                        .rows = shown.rows,
                        .bytes = shown.bytes,
                        .data_quality_status = shown.data_quality,
                        .activated_at = shown.activated_at};
}

}  // namespace

DatasetStatus DatasetActor::status() const {
  const SystemTime now = context_.clock.now();
  DatasetStatus status;
  HeldPtr active;
  HeldPtr previous;
  ContractPtr contract;
  status.dataset = id_;
  {
    const MutexLock lock(state_mutex_);
    active = active_;
    previous = previous_;
    contract = contract_;
    status.quarantined_snapshot_id = state_.quarantined;
    status.last_attempted = last_attempted_;
    status.refresh_error = refresh_error_;
    // An error of the last attempt takes precedence over this lasting concern.
    if (refresh_ok_ || refresh_error_.empty()) {
      if (std::string concern = unwanted_but_serving(contract_->policy, state_); !concern.empty())
        status.refresh_error = std::move(concern);
    }
    status.findings = findings_;
    status.source_reachable = source_reachable_;
    status.manifest_valid = manifest_valid_;
    if (state_.phase == Phase::idle && state_.next_attempt) {
      status.next_attempt_at = now + std::chrono::duration_cast<std::chrono::microseconds>(
                                         *state_.next_attempt - context_.clock.steady_now());
    }
    if (attempt_ && state_.phase == Phase::building) {
      status.building = BuildStatus{.snapshot_id = attempt_->resolved.candidate.snapshot_id,
                                    .progress = attempt_->progress->load(std::memory_order_relaxed)};
    }
  }
  status.source = contract->source->kind();
  status.endpoints = contract->endpoints;
  status.active = snapshot_status(active, now);
  status.previous = snapshot_status(previous, now);
  status.stale = stale(active, *contract, now);
  status.index = index_of(active);
  return status;
}

void DatasetActor::collect() {
  HeldPtr active;
  {
    const MutexLock lock(state_mutex_);
    active = active_;
  }
  const executor::IndexStatus index = index_of(active);
  const SystemTime now = context_.clock.now();
  const MutexLock lock(state_mutex_);
  if (!gauges_) return;
  if (active && active->opened()) {
    gauges_->age.set(age_of(active->shown(), now));
    gauges_->rows.set(static_cast<double>(active->shown().rows));
    gauges_->bytes.set(static_cast<double>(active->shown().bytes));
  } else {
    // Nothing serves. An age of 0 would look fresh, and the previous values would look current.
    gauges_->age.set(std::numeric_limits<double>::quiet_NaN());
    gauges_->rows.set(0);
    gauges_->bytes.set(0);
  }
  gauges_->indexed.set(indexed(index));
  gauges_->stale.set(stale(active, *contract_, now) ? 1 : 0);
  gauges_->ok.set(refresh_ok_ ? 1 : 0);
  gauges_->reachable.set(source_reachable_ ? 1 : 0);
  if (last_success_)
    gauges_->last_success.set(std::chrono::duration<double>(last_success_->time_since_epoch()).count());
}

}  // namespace offloader::refresh
