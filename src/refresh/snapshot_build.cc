#include "snapshot_build.h"

#include <fmt/format.h>

#include <utility>

#include "marked_build.h"

namespace offloader::refresh {
namespace {

tl::unexpected<Ending> ended(Outcome outcome, std::string error, catalog::Findings findings = {}) {
  return tl::unexpected<Ending>(
      Ending{.outcome = outcome, .error = std::move(error), .findings = std::move(findings)});
}

}  // namespace

tl::expected<HeldPtr, Ending> SnapshotBuild::run() const {
  const MarkedBuild marked(context_.folder, id_,
                           {.tag = attempt_.resolved.candidate.tag,
                            .files = names_of(attempt_.resolved.files),
                            .suspect = attempt_.suspect});
  const auto held = begin();
  if (attempt_.build_local) {
    const auto loaded = [&] {
      try {
        return load(*held);
      } catch (...) {
        remove_snapshot(context_, id_, held->record);
        throw;
      }
    }();
    if (!loaded) {
      remove_snapshot(context_, id_, held->record);
      return tl::unexpected<Ending>(loaded.error());
    }
  }
  if (attempt_.contract->use.remote) {
    if (auto opened = open_remote(*held); !opened) {
      if (attempt_.build_local) discard(context_, id_, *held);
      return tl::unexpected<Ending>(std::move(opened.error()));
    }
  }
  return held;
}

std::shared_ptr<Held> SnapshotBuild::begin() const {
  const sources::Resolved& resolved = attempt_.resolved;
  auto held = std::make_shared<Held>();
  held->contract = attempt_.contract->checksum;
  snapshot_cache::SnapshotRecord& record = held->record;
  if (attempt_.local_already) {
    record = attempt_.local_already->record;
    held->local = attempt_.local_already->local;
    held->on_disk = true;
  } else {
    record.snapshot_id = resolved.manifest.snapshot_id;
    record.build = context_.folder.new_build();
    record.tag = resolved.candidate.tag;
    record.watermark = resolved.manifest.watermark;
    record.created_at = resolved.manifest.created_at;
    record.data_quality = manifest::name_of(resolved.manifest.data_quality);
    record.schema = resolved.manifest.schema;
    record.contract = held->contract;
    record.activated_micros = context_.clock.now().time_since_epoch().count();
  }
  record.files = resolved.manifest.files;
  record.declared_rows = resolved.manifest.row_count;
  return held;
}

tl::expected<void, Ending> SnapshotBuild::load(Held& held) const {
  const std::uint64_t needed = sources::room_needed(attempt_.resolved);
  const std::uint64_t available = context_.options.free_bytes();
  if (available < needed) {
    return ended(
        Outcome::failed,
        fmt::format(
            "the cache folder's disk has no room for this snapshot, which needs about {} MB: {} MB are "
            "free where OFFLOADER_CACHE_DIR is",
            (needed >> 20) + 1, available >> 20));
  }
  const auto built = materialize(held);
  if (!built) return tl::unexpected<Ending>(built.error());
  if (auto allowed = check_emptiness(built->rows); !allowed) return allowed;
  for (const catalog::Finding& warning : built->warnings) {
    context_.log.warning("A data file has undeclared columns.",
                         {{"dataset", id_}, {"file", warning.file}, {"detail", warning.message}});
  }
  snapshot_cache::SnapshotRecord& record = held.record;
  record.rows = built->rows;
  record.bytes = built->bytes;
  record.fingerprint = built->fingerprint;
  record.layout = built->layout;
  record.checksum = built->checksum;
  record.activated_micros = context_.clock.now().time_since_epoch().count();
  if (auto written = context_.folder.write_record(id_, record); !written)
    return ended(Outcome::failed, written.error().message);
  auto attached = context_.executor.attach(record.stored(), *attempt_.contract->dataset);
  if (!attached) return ended(Outcome::failed, attached.error().message);
  held.on_disk = true;
  held.local =
      served_snapshot(record, record.rows, record.bytes, record.fingerprint, context_.clock.now(), *attached);
  return {};
}

// No rows replace rows only if the manifest says so: an export that failed half-way is often empty.
tl::expected<void, Ending> SnapshotBuild::check_emptiness(std::int64_t rows) const {
  if (rows != 0 || attempt_.resolved.manifest.row_count == 0 || !serves_rows_()) return {};
  return ended(Outcome::rejected, {},
               {{.file = "manifest",
                 .line = 0,
                 .path = "row_count",
                 .code = "row_count_mismatch",
                 .message = "the snapshot has no rows, but the serving snapshot has some",
                 .hint = "if this is intended, set row_count to 0 in the manifest"}});
}

tl::expected<executor::Materialized, Ending> SnapshotBuild::materialize(Held& held) const {
  const sources::Resolved& resolved = attempt_.resolved;
  executor::Materialization request;
  request.dataset = attempt_.contract->dataset;
  request.name = snapshot_cache::CacheFolder::name_of(held.record);
  request.source = {resolved.manifest, resolved.files, resolved.policy};
  request.layout = {attempt_.contract->use.sort_columns, attempt_.contract->use.indexed_columns};
  request.progress = [progress = attempt_.progress](double done) {
    progress->store(done, std::memory_order_relaxed);
  };
  request.cancel = attempt_.cancel;
  request.waits = attempt_.turn;
  auto built = context_.executor.materialize(request);
  if (built) {
    held.record.executor = context_.executor.name();
    held.record.handle = built->handle;
  }
  if (attempt_.turn && attempt_.turn->evicted()) {
    return ended(Outcome::failed,
                 "the store sent nothing for too long while other datasets waited: the build was cancelled, "
                 "and is retried later");
  }
  const auto changed = [&] {
    const executor::SourceWaits::During wait(attempt_.turn.get());
    return attempt_.contract->source->changed(resolved, attempt_.cancel.get());
  };
  if (!attempt_.cancel->cancelled() && changed()) {
    return ended(Outcome::failed,
                 "the manifest or a data file changed while it was read: write new files under new names, "
                 "and replace the manifest last, by rename");
  }
  if (!built) return tl::unexpected<Ending>(ending_of(built.error()));
  return std::move(*built);
}

tl::expected<void, Ending> SnapshotBuild::open_remote(Held& held) const {
  const sources::Resolved& resolved = attempt_.resolved;
  const auto opened = [&] {
    const executor::SourceWaits::During wait(attempt_.turn.get());
    return context_.executor.scan(*attempt_.contract->dataset,
                                  {resolved.manifest, resolved.files, resolved.policy}, attempt_.cancel.get(),
                                  attempt_.turn.get());
  }();
  if (!opened) return tl::unexpected<Ending>(ending_of(opened.error()));
  snapshot_cache::SnapshotRecord& record = held.record;
  record.remote_fingerprint = (*opened)->fingerprint();
  if (!record.loaded()) {
    if (auto allowed = check_emptiness((*opened)->rows()); !allowed) return allowed;
    record.rows = (*opened)->rows();
  }
  // A restart reopens the files from this record.
  if (auto written = context_.folder.write_record(id_, record); !written)
    return ended(Outcome::failed, written.error().message);
  held.on_disk = true;
  held.remote =
      served_snapshot(record, (*opened)->rows(), 0, (*opened)->fingerprint(), context_.clock.now(), *opened);
  return {};
}

}  // namespace offloader::refresh
