#include <fmt/format.h>

#include <utility>

#include "marked_build.h"
#include "offloader/base/low_priority.h"
#include "refresher_impl.h"

namespace offloader::refresh {

void Refresher::Impl::work() {
  lower_priority_of_this_thread();
  while (true) {
    std::pair<RunPtr, AttemptPtr> job;
    {
      MutexLock lock(state_mutex_);
      queue_changed_.wait(state_mutex_,
                          [this]() OFFLOADER_REQUIRES(state_mutex_) { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      job = queue_.front();
      // May throw: then the job is still in the queue.
      job.second->turn = slots_.enter(job.second->cancel);
      queue_.pop_front();
    }
    guarded(&Impl::take_slot_and_materialize, job.first, job.second);
    // Whoever looks at the build's instance may hold it a little longer.
    job.second->turn->leave();
    job.second->turn.reset();
  }
}

void Refresher::Impl::take_slot_and_materialize(const RunPtr& run, const AttemptPtr& attempt) {
  if (attempt->turn->take()) return materialize(run, attempt);
  end(run, attempt, {.outcome = Outcome::failed, .error = "the refresh was cancelled", .findings = {}});
}

void Refresher::Impl::materialize(const RunPtr& run, const AttemptPtr& attempt) {
  {
    const MutexLock lock(state_mutex_);
    on_build_begun(run->state);
  }
  auto held = make(*run, *attempt);
  // What fails without a verdict on the data may not have decoded any of it.
  if (held || held.error().outcome == Outcome::rejected) note_survival(*run, *attempt);
  if (!held) return end(run, attempt, std::move(held.error()));
  activate(run, attempt, std::move(*held));
}

void Refresher::Impl::note_survival(Run& run, const Attempt& attempt) {
  const MutexLock lock(state_mutex_);
  if (!attempt.suspect) return;
  on_build_survived(run.state, attempt.resolved.candidate.tag);
  folder_.forget_death(run.id);
}

tl::expected<HeldPtr, Ending> Refresher::Impl::make(const Run& run, const Attempt& attempt) {
  const sources::Resolved& resolved = attempt.resolved;
  const MarkedBuild marked(
      folder_, run.id,
      {.tag = resolved.candidate.tag, .files = names_of(resolved.files), .suspect = attempt.suspect});
  auto held = std::make_shared<Held>();
  held->contract = contract_checksum(*attempt.dataset);
  SnapshotRecord& record = held->record;
  if (attempt.local_already) {
    record = attempt.local_record;
    held->local = attempt.local_already;
    held->on_disk = true;
  } else {
    record.snapshot_id = resolved.manifest.snapshot_id;
    record.build = folder_.new_build();
    record.tag = resolved.candidate.tag;
    record.watermark = resolved.manifest.watermark;
    record.created_at = resolved.manifest.created_at;
    record.data_quality = manifest::name_of(resolved.manifest.data_quality);
    record.schema = resolved.manifest.schema;
    record.contract = held->contract;
    record.activated_micros = clock_.now().time_since_epoch().count();
  }
  record.files = resolved.manifest.files;
  record.declared_rows = resolved.manifest.row_count;
  if (attempt.build_local) {
    const auto built = [&] {
      try {
        return build(run, attempt, *held);
      } catch (...) {
        remove_snapshot(run.id, record);
        throw;
      }
    }();
    if (!built) {
      remove_snapshot(run.id, record);
      return tl::unexpected<Ending>(built.error());
    }
  }
  if (attempt.use.remote) {
    auto opened = [&] {
      const executor::SourceWaits::During wait(attempt.turn.get());
      return executor_.scan(*attempt.dataset, {resolved.manifest, resolved.files, resolved.policy},
                            attempt.cancel.get(), attempt.turn.get());
    }();
    if (!opened) {
      if (attempt.build_local) discard(run.id, *held);
      return tl::unexpected<Ending>(ending_of(opened.error()));
    }
    record.remote_fingerprint = (*opened)->fingerprint();
    if (!record.loaded()) record.rows = (*opened)->rows();
    // What a restart opens them again by.
    if (auto written = folder_.write_record(run.id, record); !written) {
      if (attempt.build_local) discard(run.id, *held);
      return tl::unexpected<Ending>(
          Ending{.outcome = Outcome::failed, .error = written.error().message, .findings = {}});
    }
    held->on_disk = true;
    held->remote =
        served_snapshot(record, (*opened)->rows(), 0, (*opened)->fingerprint(), clock_.now(), *opened);
  }
  return held;
}

tl::expected<void, Ending> Refresher::Impl::build(const Run& run, const Attempt& attempt, Held& held) {
  const sources::Resolved& resolved = attempt.resolved;
  const auto ended = [](Outcome outcome, std::string error) {
    return tl::unexpected<Ending>(Ending{.outcome = outcome, .error = std::move(error), .findings = {}});
  };
  const std::uint64_t needed = sources::room_needed(resolved);
  if (options_.free_bytes() < needed) {
    return ended(
        Outcome::failed,
        fmt::format("the cache folder's disk has no room for this snapshot: it needs about {} MB free "
                    "where OFFLOADER_CACHE_DIR is",
                    (needed >> 20) + 1));
  }
  SnapshotRecord& record = held.record;
  executor::Materialization request;
  request.dataset = attempt.dataset;
  request.name = CacheFolder::name_of(record);
  request.source = {resolved.manifest, resolved.files, resolved.policy};
  request.layout = {attempt.use.sort_columns, attempt.use.indexed_columns};
  request.progress = [progress = attempt.progress](double done) {
    progress->store(done, std::memory_order_relaxed);
  };
  request.cancel = attempt.cancel;
  request.waits = attempt.turn;
  auto built = executor_.materialize(request);
  if (built) {
    record.executor = executor_.name();
    record.handle = built->handle;
  }
  if (attempt.turn && attempt.turn->evicted()) {
    return ended(
        Outcome::failed,
        "the store sent nothing for too long while other datasets waited: the build gave up its slot");
  }
  const auto changed = [&] {
    const executor::SourceWaits::During wait(attempt.turn.get());
    return attempt.source->changed(resolved, attempt.cancel.get());
  };
  if (!attempt.cancel->cancelled() && changed()) {
    return ended(Outcome::failed,
                 "the manifest or a file of it changed while it was read: write new files under new names, "
                 "and the manifest last, by rename");
  }
  if (!built) return tl::unexpected<Ending>(ending_of(built.error()));
  if (built->rows == 0 && resolved.manifest.row_count != 0 && serves_rows(run.id)) {
    return tl::unexpected<Ending>(
        Ending{.outcome = Outcome::rejected,
               .error = {},
               .findings = {{.file = "manifest",
                             .line = 0,
                             .path = "row_count",
                             .code = "row_count_mismatch",
                             .message = "the snapshot has no rows, and the one that serves has some",
                             .hint = "a manifest with row_count: 0 says that this is meant"}}});
  }
  for (const catalog::Finding& warning : built->warnings) {
    log_.warning("a data file has columns that nothing declares",
                 {{"dataset", run.id}, {"file", warning.file}, {"detail", warning.message}});
  }
  record.rows = built->rows;
  record.bytes = built->bytes;
  record.fingerprint = built->fingerprint;
  record.layout = built->layout;
  record.checksum = built->checksum;
  record.activated_micros = clock_.now().time_since_epoch().count();
  if (auto written = folder_.write_record(run.id, record); !written)
    return ended(Outcome::failed, written.error().message);
  auto attached = executor_.attach(record.stored(), *attempt.dataset);
  if (!attached) return ended(Outcome::failed, attached.error().message);
  held.on_disk = true;
  held.local =
      served_snapshot(record, record.rows, record.bytes, record.fingerprint, clock_.now(), *attached);
  return {};
}

bool Refresher::Impl::serves_rows(const std::string& id) const {
  const MutexLock lock(state_mutex_);
  const auto found = runs_.find(id);
  return found != runs_.end() && found->second->active && found->second->active->record.rows > 0;
}

}  // namespace offloader::refresh
