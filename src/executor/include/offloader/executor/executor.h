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

// Keeps snapshots and answers plans over them (docs/architecture.md). What a snapshot is, files or tables,
// nobody above knows: it is made, found and deleted by an opaque handle. Every implementation passes the
// conformance suite (executor/testing). Owned by the composition root; outlives every Snapshot. Thread-safe.
class Executor {
 public:
  virtual ~Executor() = default;

  // Part of a snapshot's record.
  [[nodiscard]] virtual std::string_view name() const = 0;

  // Snapshots.

  // Loads, sorts, checks and makes durable, beside everything that serves. Blocking. On failure nothing is
  // left behind. manifest.md, step 5.
  [[nodiscard]] virtual tl::expected<Materialized, Refused> materialize(const Materialization& request) = 0;

  // Opens what materialize() made. `corrupt` when it is damaged or of another format, `not_found`.
  [[nodiscard]] virtual Result<SnapshotPtr> attach(const Stored& stored, const catalog::Dataset& dataset) = 0;

  // A snapshot for remote_scan: reads what describes the files, loads no rows. What is read later is of the
  // files as they are now: of one that changes, an error. `cancel` and `waits` may be null.
  [[nodiscard]] virtual tl::expected<SnapshotPtr, Refused> scan(const catalog::Dataset& dataset,
                                                                const Source& source,
                                                                const CancelFlag* cancel,
                                                                SourceWaits* waits) = 0;

  // Reads all of a stored snapshot, blocking, and compares it with its record. Nothing that serves waits for
  // it. `corrupt` when it is another; `cancelled`; `unavailable` when it cannot be read.
  [[nodiscard]] virtual Result<void> verify(const std::string& dataset, const Stored& stored,
                                            const CancelFlag& cancel) = 0;

  // What has become of a dataset's snapshots since the last process, in the order of `known`. Deletes
  // everything else that the executor has of the dataset, unfinished loads above all; one damaged snapshot is
  // set aside. Blocking; before anything of the dataset is attached.
  [[nodiscard]] virtual std::vector<Found> recover(const std::string& dataset,
                                                   std::span<const Stored> known) = 0;

  // Deletes a snapshot that is not attached. What cannot be deleted now is deleted by recover().
  virtual void drop(const std::string& dataset, const std::string& handle) = 0;

  // Keeps a damaged snapshot for people to look at, in place of the one kept before. It may be attached
  // still.
  virtual void set_aside(const std::string& dataset, const std::string& handle) = 0;

  // Asks that the snapshot be laid out like this. Returns at once: what is derived from it is built again in
  // the background and swapped in. A build that failed is tried again when it is asked for a quarter of an
  // hour later.
  virtual void want_layout(const SnapshotPtr& /*snapshot*/, const catalog::Dataset& /*dataset*/,
                           const Layout& /*layout*/) {}

  // Queries.

  // The parts that answers are made by, as metrics and logs name them.
  [[nodiscard]] virtual std::span<const std::string_view> parts() const = 0;

  // Runs a query, its rows into its writer. The callback may be called from within. Errors: busy, timeout,
  // cancelled, corrupt (the snapshot is damaged), unavailable and changed (remote_scan), the writer's,
  // internal.
  virtual void run(Query query, AnsweredCallback callback) = 0;

  // Answers a query that takes microseconds, into `writer`, on the calling thread, without a wait; nullopt
  // when the query is one for run(), or `snapshot` is null.
  [[nodiscard]] virtual std::optional<Outcome> answer_at_once(const query::Plan& plan,
                                                              const Snapshot* snapshot,
                                                              rows::Writer& writer) = 0;

  // State.

  [[nodiscard]] virtual PoolStatus pool_status() const = 0;
  // What answers, with its version: for diagnostics.
  [[nodiscard]] virtual std::string version() const = 0;
  // False while queries are refused because what serves is broken and being rebuilt. Does not wait.
  [[nodiscard]] virtual bool healthy() const = 0;
  [[nodiscard]] virtual std::uint64_t memory_bytes() const = 0;

  // Refuses new work, cancels what runs, joins the threads. Idempotent; also done by the destructor.
  virtual void stop() = 0;
};

}  // namespace offloader::executor
