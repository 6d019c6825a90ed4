#include <algorithm>
#include <utility>

#include "dataset_actor.h"

// The warm start: serves what the cache folder has before any source is asked.
namespace offloader::refresh {
namespace {

constexpr std::chrono::hours kPauseAfterDeath{1};

}  // namespace

HeldPtr DatasetActor::wake_up(const std::optional<snapshot_cache::SnapshotRecord>& record,
                              const Contract& contract, std::vector<WarmFile>& files,
                              std::vector<snapshot_cache::SnapshotRecord>& unopened) const {
  if (!record) return nullptr;
  const bool useful =
      record->loaded() ? contract.use.local : contract.use.remote && !record->remote_fingerprint.empty();
  if (!useful || record->contract != contract.checksum) {
    remove_snapshot(context_, id_, *record);
    return nullptr;
  }
  auto held = std::make_shared<Held>();
  held->record = *record;
  held->on_disk = true;
  held->contract = record->contract;
  if (!record->loaded()) return held;  // the first attempt opens its remote files
  auto attached = context_.executor.attach(record->stored(), *contract.dataset);
  if (!attached && attached.error().code == ErrorCode::corrupt) {
    context_.log.warning(
        "A snapshot file in the cache folder is damaged. Setting it aside and rebuilding the snapshot.",
        {{"dataset", id_}, {"snapshot", record->snapshot_id}, {"detail", attached.error().detail}});
    context_.executor.set_aside(id_, record->handle);
    context_.folder.forget(id_, *record);
    return nullptr;
  }
  if (!attached) {
    // The file itself may be fine, so a later start may serve it.
    context_.log.warning(
        "Cannot open a snapshot file in the cache folder. Keeping the file, and rebuilding the dataset.",
        {{"dataset", id_},
         {"snapshot", record->snapshot_id},
         {"error", attached.error().message},
         {"detail", attached.error().detail}});
    unopened.push_back(*record);
    return nullptr;
  }
  held->local = served_snapshot(*record, record->rows, record->bytes, record->fingerprint,
                                SystemTime{std::chrono::microseconds{record->activated_micros}}, *attached);
  files.push_back({id_, record->stored(), held->local});
  return held;
}

void DatasetActor::warm_start(std::vector<WarmFile>& files) {
  const Turn turn(shared_from_this());
  ContractPtr contract;
  State state;
  {
    const MutexLock lock(state_mutex_);
    contract = contract_;
    state = state_;
  }
  const snapshot_cache::WarmDataset warm = context_.folder.recover(id_, context_.executor);
  if (const auto death = context_.folder.death(id_)) {
    // Never longer than the pause, even if the clock was set back.
    const auto passed = std::max<std::chrono::microseconds>(context_.clock.now() - death->at, {});
    state.died = {.tag = death->tag,
                  .deaths = death->deaths,
                  .until = context_.clock.steady_now() +
                           std::max<std::chrono::microseconds>(kPauseAfterDeath - passed, {}),
                  .reported = false};
  }
  std::vector<snapshot_cache::SnapshotRecord> unopened;
  HeldPtr active = wake_up(warm.active, *contract, files, unopened);
  HeldPtr previous = wake_up(warm.previous, *contract, files, unopened);
  state.quarantined = warm.quarantined;
  const bool lost_active = !active && warm.active.has_value();
  if (active && previous && active->record.snapshot_id == previous->record.snapshot_id)
    discard(context_, id_, *std::exchange(previous, nullptr));
  const auto may_serve = [&](const std::string& id) {
    return id != state.quarantined && !contract->policy.skipped(id);
  };
  if (!active && previous && may_serve(previous->record.snapshot_id)) {
    active = std::exchange(previous, nullptr);
    // Rebuild the damaged snapshot even if the source offers the same id.
    state.incomplete = lost_active;
  }
  const bool complete = active && active->completes(*contract);
  if (active) {
    state.active = active->record.snapshot_id;
    state.incomplete = state.incomplete || !complete;
  }
  if (complete && active->record.tag == state.died.tag) {
    // The build succeeded after all; the process died before it could record that.
    state.died = {};
    context_.folder.forget_death(id_);
  }
  if (active && active->opened()) {
    context_.log.info("Serving a snapshot from the cache folder.",
                      {{"dataset", id_}, {"snapshot", state.active}});
  }
  if (previous && previous->opened()) state.previous = previous->record.snapshot_id;
  // The marks keep naming what could not be read or opened, until another snapshot is activated.
  const bool keep_marks = warm.incomplete || !unopened.empty();
  if ((warm.active || warm.previous) && !keep_marks) (void)write_marks(active, previous, state.quarantined);
  {
    const MutexLock lock(state_mutex_);
    state_ = std::move(state);
    active_ = std::move(active);
    previous_ = std::move(previous);
    unopened_ = std::move(unopened);
  }
  ask_for_index();  // the endpoints may have changed while the server was down
}

}  // namespace offloader::refresh
