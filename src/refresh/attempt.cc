#include <algorithm>
#include <utility>

#include "dataset_actor.h"
#include "offloader/base/url_text.h"
#include "snapshot_build.h"

// The steps of an attempt, from asking the source to a snapshot that is ready to serve.
namespace offloader::refresh {
namespace {

// Delay after which a suspect retries when another suspect was building.
constexpr std::chrono::seconds kSuspectTurn{1};

// Queries of URLs are not compared: records have none, and a presigned URL changes whenever it is signed.
bool same_files(const std::vector<manifest::DataFile>& a, const std::vector<manifest::DataFile>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& other) {
    return without_query(one.path) == without_query(other.path) && one.format == other.format &&
           one.row_count == other.row_count && one.size_bytes == other.size_bytes;
  });
}

bool describes(const manifest::Manifest& manifest, const snapshot_cache::SnapshotRecord& record) {
  return manifest.watermark == record.watermark && manifest.row_count == record.declared_rows &&
         manifest::name_of(manifest.data_quality) == record.data_quality &&
         same_files(manifest.files, record.files);
}

}  // namespace

void DatasetActor::ask(const AttemptPtr& attempt) {
  const sources::SnapshotSource& source = *attempt->contract->source;
  recall_remote(attempt);
  attempt->resolved = source.resolve(attempt->cancel.get());
  if (!choose(attempt)) return;
  source.check_files(attempt->resolved);
  if (attempt->resolved.kind == sources::Resolved::Kind::rejected) {
    return end(attempt, {.outcome = Outcome::rejected, .error = {}, .findings = attempt->resolved.findings});
  }
  if (!attempt->build_local) return materialize(attempt);
  context_.builds.submit(
      {.cancel = attempt->cancel,
       .build = [self = shared_from_this(), attempt](const std::shared_ptr<BuildSlots::Turn>& turn) {
         attempt->turn = turn;
         self->guarded(&DatasetActor::take_slot_and_materialize, attempt);
         attempt->turn.reset();
       }});
}

bool DatasetActor::choose(const AttemptPtr& attempt) {
  const MutexLock lock(state_mutex_);
  return choose_locked(attempt);
}

bool DatasetActor::choose_locked(const AttemptPtr& attempt) {
  const sources::Resolved& resolved = attempt->resolved;
  const Policy& policy = contract_->policy;
  if (superseded(*attempt)) return put_off(attempt), false;
  if (resolved.kind == sources::Resolved::Kind::failed) {
    source_reachable_ = false;
    end_locked(attempt, {.outcome = Outcome::failed, .error = resolved.error.message, .findings = {}});
    context_.log.debug("Cannot read a source.", {{"dataset", id_}, {"detail", resolved.error.detail}});
    return false;
  }
  source_reachable_ = true;
  if (resolved.kind == sources::Resolved::Kind::nothing) return settle(attempt, resolved.reason), false;
  const SteadyTime now = context_.clock.steady_now();
  const Action action = decide(policy, state_, &resolved.candidate, now);
  if (action.kind == Action::Kind::settle) {
    const bool serves = resolved.candidate.snapshot_id == state_.active;
    return settle(attempt, serves ? concern_of_reused_id(resolved) : action.reason), false;
  }
  if (action.kind == Action::Kind::pass) {
    on_passed(state_, policy, now);
    return over(attempt), false;
  }
  if (action.kind == Action::Kind::report_death) {
    state_.died.reported = true;
    return end_locked(attempt, ending_of_death(state_.died, resolved.files)), false;
  }
  if (resolved.kind == sources::Resolved::Kind::rejected) {
    end_locked(attempt, {.outcome = Outcome::rejected, .error = {}, .findings = resolved.findings});
    return false;
  }
  if (!take_suspect_turn(attempt)) return false;
  const Contract& contract = *attempt->contract;
  attempt->build_local = contract.use.local;
  if (contract.use.local && contract.use.remote && !state_.forced && active_ && active_->local &&
      !active_->remote && active_->record.snapshot_id == resolved.candidate.snapshot_id &&
      active_->contract == contract.checksum) {
    attempt->build_local = false;
    attempt->local_already = active_;
  }
  on_queued(state_);
  return true;
}

std::string DatasetActor::concern_of_reused_id(const sources::Resolved& resolved) {
  const std::string& tag = resolved.candidate.tag;
  if (!active_ || active_->record.tag.empty() || active_->record.tag == tag ||
      describes(resolved.manifest, active_->record)) {
    reused_tag_.clear();
    return {};
  }
  std::string concern =
      "the manifest changed but names the serving snapshot: give each snapshot its own snapshot_id";
  if (reused_tag_ != tag) {
    reused_tag_ = tag;
    context_.log.warning("Ignoring a manifest that reuses the id of the serving snapshot.",
                         {{"dataset", id_}, {"snapshot", state_.active}, {"reason", concern}});
  }
  return concern;
}

// Ends an attempt that has nothing to build.
void DatasetActor::settle(const AttemptPtr& attempt, std::string reason) {
  Outcome outcome = Outcome::unchanged;
  if (attempt->recall_error) {
    // No other snapshot will replace it, so retry unless the files themselves changed.
    if (attempt->recall_error->code != ErrorCode::changed) outcome = Outcome::failed;
    reason = attempt->recall_error->message;
    context_.log.debug("Cannot reopen remote files.",
                       {{"dataset", id_}, {"detail", attempt->recall_error->detail}});
  }
  end_locked(attempt, {.outcome = outcome, .error = std::move(reason), .findings = {}});
}

bool DatasetActor::take_suspect_turn(const AttemptPtr& attempt) {
  const std::string& tag = attempt->resolved.candidate.tag;
  attempt->suspect = !tag.empty() && tag == state_.died.tag;
  if (!attempt->suspect || context_.suspects.take(id_, state_.forced)) return true;
  const SteadyTime now = context_.clock.steady_now();
  on_passed(state_, contract_->policy, now);
  state_.next_attempt = now + kSuspectTurn;
  over(attempt);
  return false;
}

void DatasetActor::take_slot_and_materialize(const AttemptPtr& attempt) {
  if (attempt->turn->take()) return materialize(attempt);
  end(attempt, {.outcome = Outcome::failed, .error = "the refresh was cancelled", .findings = {}});
}

void DatasetActor::materialize(const AttemptPtr& attempt) {
  {
    const MutexLock lock(state_mutex_);
    on_build_begun(state_);
  }
  const auto serves_rows = [this] {
    const MutexLock lock(state_mutex_);
    return active_ && active_->record.rows > 0;
  };
  auto held = SnapshotBuild(context_, id_, *attempt, serves_rows).run();
  // A build that failed without a verdict on the data may not have decoded any of it.
  if (held || held.error().outcome == Outcome::rejected) note_survival(*attempt);
  if (!held) return end(attempt, std::move(held.error()));
  activate(attempt, std::move(*held));
}

void DatasetActor::note_survival(const Attempt& attempt) {
  if (!attempt.suspect) return;
  {
    const MutexLock lock(state_mutex_);
    on_build_survived(state_, attempt.resolved.candidate.tag);
  }
  context_.folder.forget_death(id_);
}

}  // namespace offloader::refresh
