#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/executor/materialize.h"
#include "offloader/executor/query.h"

namespace offloader::executor {

// Stores snapshots and answers plans over them (docs/architecture.md). Callers know a snapshot only by an
// opaque handle, not as files or tables. Every implementation passes the conformance suite
// (executor/testing). Owned by the composition root; outlives every Snapshot. Thread-safe. Methods report
// failure in their result and say below with which codes.
class Executor {
 public:
  virtual ~Executor() = default;

  // The executor's name, which is part of each snapshot's record.
  [[nodiscard]] virtual std::string_view name() const = 0;

  // Snapshots.

  // Loads, sorts, checks and durably stores a snapshot, beside those being served (manifest.md, step 5).
  // Blocking. Leaves nothing behind on failure.
  [[nodiscard]] virtual tl::expected<Materialized, Refused> materialize(const Materialization& request) = 0;

  // Opens a snapshot that materialize() stored. Errors: `corrupt` if it is damaged or of another format,
  // `not_found`.
  [[nodiscard]] virtual Result<SnapshotPtr> attach(const Stored& stored, const catalog::Dataset& dataset) = 0;

  // Returns a snapshot for remote_scan. Reads only the metadata of the files, no rows. A later query fails if
  // a file has changed since. `cancel` and `waits` may be null.
  [[nodiscard]] virtual tl::expected<SnapshotPtr, Refused> scan(const catalog::Dataset& dataset,
                                                                const Source& source,
                                                                const CancelFlag* cancel,
                                                                SourceWaits* waits) = 0;

  // Reads a whole stored snapshot and compares it with its record. Blocking, but queries do not wait for it.
  // Errors: `corrupt` if it differs, `cancelled`, `unavailable` if it cannot be read.
  [[nodiscard]] virtual Result<void> verify(const std::string& dataset, const Stored& stored,
                                            const CancelFlag& cancel) = 0;

  // Returns the state of a dataset's snapshots after a restart, in the order of `known`. Deletes everything
  // else that the executor has of the dataset, such as unfinished loads; a damaged snapshot is quarantined
  // (set_aside()). Blocking. Requires: nothing of the dataset is attached yet.
  [[nodiscard]] virtual std::vector<Found> recover(const std::string& dataset,
                                                   std::span<const Stored> known) = 0;

  // Deletes a snapshot. Requires: it is not attached. If the deletion fails, recover() repeats it.
  virtual void drop(const std::string& dataset, const std::string& handle) = 0;

  // Quarantines a damaged snapshot, so that people can examine it; replaces the one quarantined before. The
  // snapshot may still be attached.
  virtual void set_aside(const std::string& dataset, const std::string& handle) = 0;

  // Requests a layout for the snapshot. Returns at once: the index is rebuilt in the background and then
  // swapped in. A failed build is repeated if the layout is requested again at least 15 minutes later.
  virtual void want_layout(const SnapshotPtr& /*snapshot*/, const catalog::Dataset& /*dataset*/,
                           const Layout& /*layout*/) {}

  // Queries.

  // The parts of the executor that answer queries, by their names in metrics and logs.
  [[nodiscard]] virtual std::span<const std::string_view> parts() const = 0;

  // Runs a query and writes its rows to its writer, and the grand total to writer.totals() if the plan asks
  // for it. The callback may be called before run() returns. Errors:
  // busy, timeout, cancelled, corrupt (the snapshot is damaged), unavailable and changed (remote_scan), those
  // of the writer, internal.
  virtual void run(Query query, AnsweredCallback callback) = 0;

  // Answers a query that takes microseconds, into `writer`, on the calling thread and without waiting.
  // Returns nullopt if the query needs run(), `snapshot` is null, or the writer may block.
  [[nodiscard]] virtual std::optional<Outcome> answer_at_once(const query::Plan& plan,
                                                              const Snapshot* snapshot,
                                                              rows::Writer& writer) = 0;

  // State.

  // How busy the query threads are now.
  [[nodiscard]] virtual PoolStatus pool_status() const = 0;
  // The engine and its version, for diagnostics.
  [[nodiscard]] virtual std::string version() const = 0;
  // False while queries are rejected because the engine is broken and being rebuilt. Does not wait.
  [[nodiscard]] virtual bool healthy() const = 0;
  // The memory that the engine uses, in bytes. Does not wait; may be slightly out of date.
  [[nodiscard]] virtual std::uint64_t memory_bytes() const = 0;

  // Rejects new work, cancels running work and joins the threads. Idempotent; the destructor does the same.
  virtual void stop() = 0;
};

}  // namespace offloader::executor
