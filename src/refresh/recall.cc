#include <utility>

#include "dataset_actor.h"
#include "marked_build.h"

// After a restart, a snapshot's remote files are known only from its record. The source may offer another
// snapshot by now, which a rollback or a skip rules out. So the files are reopened before the source is
// asked, and serve if their fingerprint is unchanged.
namespace offloader::refresh {

void DatasetActor::recall_remote(const AttemptPtr& attempt) {
  std::vector<HeldPtr> lacking;
  {
    const MutexLock lock(state_mutex_);
    if (!attempt->contract->use.remote || superseded(*attempt)) return;
    for (const HeldPtr& held : {active_, previous_}) {
      if (held && !held->remote && !held->record.remote_fingerprint.empty() &&
          held->contract == attempt->contract->checksum)
        lacking.push_back(held);
    }
  }
  for (const HeldPtr& held : lacking) {
    auto opened = reopen(*attempt, held->record);
    if (opened) {
      keep_reopened(attempt, held, *opened);
      continue;
    }
    const MutexLock lock(state_mutex_);
    if (held == active_) attempt->recall_error = std::move(opened.error());
  }
}

void DatasetActor::keep_reopened(const AttemptPtr& attempt, const HeldPtr& held,
                                 const std::shared_ptr<const executor::Snapshot>& opened) {
  auto whole = std::make_shared<Held>(*held);
  whole->remote =
      served_snapshot(held->record, opened->rows(), 0, opened->fingerprint(),
                      SystemTime{std::chrono::microseconds{held->record.activated_micros}}, opened);
  const Turn turn(shared_from_this());
  HeldPtr active;
  HeldPtr previous;
  ContractPtr contract;
  std::string quarantined;
  {
    const MutexLock lock(state_mutex_);
    // It may have been replaced meanwhile.
    if (superseded(*attempt) || (held != active_ && held != previous_)) return;
    active = held == active_ ? whole : active_;
    previous = held == previous_ ? whole : previous_;
    quarantined = state_.quarantined;
    contract = contract_;
  }
  const auto commit = [&](bool) OFFLOADER_REQUIRES(state_mutex_) {
    if (held == active_) {
      active_ = whole;
      state_.incomplete = !whole->completes(*contract);
    } else {
      previous_ = whole;
      state_.previous = held->record.snapshot_id;
    }
  };
  if (const auto escaped = publish_then(offer_of(active, previous, quarantined, *contract, true), commit))
    std::rethrow_exception(escaped);
}

Result<std::shared_ptr<const executor::Snapshot>> DatasetActor::reopen(
    const Attempt& attempt, const snapshot_cache::SnapshotRecord& record) {
  const auto gone = [&](std::string detail) {
    return fail(ErrorCode::changed,
                "the files of snapshot " + record.snapshot_id +
                    " have changed since it was activated: its remote_scan endpoints are unavailable until "
                    "the next snapshot",
                std::move(detail));
  };
  const sources::Resolved found = attempt.contract->source->recall({.snapshot_id = record.snapshot_id,
                                                                    .schema = record.schema,
                                                                    .files = record.files,
                                                                    .declared_rows = record.declared_rows});
  if (found.kind != sources::Resolved::Kind::found) return gone(summary_of(found.findings));
  DiedBuild died;
  bool waits = false;
  {
    const MutexLock lock(state_mutex_);
    if (record.tag == state_.died.tag && !record.tag.empty()) died = state_.died;
    waits = waits_after_death(state_, record.tag, context_.clock.steady_now());
  }
  if (waits) return fail(ErrorCode::unavailable, ending_of_death(died, found.files).error);
  const MarkedBuild marked(context_.folder, id_,
                           {.tag = record.tag, .files = names_of(found.files), .suspect = !died.tag.empty()});
  auto opened = context_.executor.scan(
      *attempt.contract->dataset, {found.manifest, found.files, found.policy}, attempt.cancel.get(), nullptr);
  if (!opened) {
    const Ending ending = ending_of(opened.error());
    if (ending.outcome == Outcome::rejected) return gone(summary_of(ending.findings));
    return fail(opened.error().error);
  }
  if ((*opened)->fingerprint() != record.remote_fingerprint) return gone("the fingerprint differs");
  return *opened;
}

}  // namespace offloader::refresh
