#include <utility>

#include "marked_build.h"
#include "refresher_impl.h"

namespace offloader::refresh {

// After a restart a snapshot's remote files are known by its record alone: the source may well offer another
// by now, which a rollback or a skip keeps out. They are opened again before the source is asked, and serve
// if they are what they were.
void Refresher::Impl::recall_remote(const RunPtr& run, const AttemptPtr& attempt) {
  std::vector<HeldPtr> lacking;
  {
    const MutexLock lock(state_mutex_);
    if (!attempt->use.remote || superseded(*run, *attempt)) return;
    for (const HeldPtr& held : {run->active, run->previous}) {
      if (held && !held->remote && !held->record.remote_fingerprint.empty() &&
          held->contract == contract_checksum(*attempt->dataset))
        lacking.push_back(held);
    }
  }
  for (const HeldPtr& held : lacking) {
    auto opened = reopen(*run, *attempt, held->record);
    const MutexLock lock(state_mutex_);
    if (superseded(*run, *attempt)) return;
    if (!opened) {
      if (held == run->active) attempt->recall_error = std::move(opened.error());
      continue;
    }
    auto whole = std::make_shared<Held>(*held);
    whole->remote =
        served_snapshot(held->record, (*opened)->rows(), 0, (*opened)->fingerprint(),
                        SystemTime{std::chrono::microseconds{held->record.activated_micros}}, *opened);
    if (held == run->active) {
      run->active = whole;
      run->state.incomplete = !complete(*whole, *attempt->dataset);
    } else if (held == run->previous) {
      run->previous = whole;
      run->state.previous = held->record.snapshot_id;
    } else {
      continue;  // rolled back, or replaced, meanwhile
    }
    publish();
  }
}

Result<std::shared_ptr<const executor::Snapshot>> Refresher::Impl::reopen(const Run& run,
                                                                          const Attempt& attempt,
                                                                          const SnapshotRecord& record) {
  const auto gone = [&](std::string detail) {
    return fail(ErrorCode::changed,
                "the files of snapshot " + record.snapshot_id +
                    " are not what they were: its remote_scan endpoints wait for another snapshot",
                std::move(detail));
  };
  const sources::Resolved found = attempt.source->recall({.snapshot_id = record.snapshot_id,
                                                          .schema = record.schema,
                                                          .files = record.files,
                                                          .declared_rows = record.declared_rows});
  if (found.kind != sources::Resolved::Kind::found) return gone(summary_of(found.findings));
  DiedBuild died;
  {
    const MutexLock lock(state_mutex_);
    if (record.tag == run.state.died.tag && !record.tag.empty()) died = run.state.died;
    if (waits_after_death(run.state, record.tag, clock_.steady_now()))
      return fail(ErrorCode::unavailable, ending_of_death(died, found.files).error);
  }
  const MarkedBuild marked(folder_, run.id,
                           {.tag = record.tag, .files = names_of(found.files), .suspect = !died.tag.empty()});
  auto opened = executor_.scan(*attempt.dataset, {found.manifest, found.files, found.policy},
                               attempt.cancel.get(), nullptr);
  if (!opened) {
    const Ending ending = ending_of(opened.error());
    if (ending.outcome == Outcome::rejected) return gone(summary_of(ending.findings));
    return fail(opened.error().error);
  }
  if ((*opened)->fingerprint() != record.remote_fingerprint) return gone("another fingerprint");
  return *opened;
}

}  // namespace offloader::refresh
