#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"
#include "offloader/catalog/finding.h"
#include "offloader/engine/snapshot.h"
#include "offloader/engine/source_waits.h"
#include "offloader/manifest/manifest.h"
#include "offloader/object_store/object_store.h"
#include "offloader/object_store/url_policy.h"
#include "offloader/query/plan.h"
#include "offloader/rows/writer.h"

namespace offloader::telemetry {
class Telemetry;
}

namespace offloader::engine {

struct EngineOptions {
  std::filesystem::path cache_dir;  // snapshots lie in datasets/, spill goes to tmp/
  std::size_t pool_size = 16;       // read connections, a thread each
  std::chrono::milliseconds pool_wait{100};
  std::size_t remote_cap = 15;  // connections that remote_scan may hold at once
  std::chrono::milliseconds query_timeout{30000};
  unsigned threads = 2;                     // DuckDB's
  std::uint64_t memory_limit = 2ULL << 30;  // bytes: half serves, a sixth is for remote_scan, a third builds
  bool use_index = true;
};

enum class Executor { index, duckdb };

// What is known of an answer whose rows were written.
struct Answered {
  std::int64_t row_count = 0;
  bool has_more = false;
  Executor executor = Executor::duckdb;
  std::chrono::nanoseconds duration{0};
};

using AnsweredCallback = std::function<void(Result<Answered>)>;

// What a query needs beside its plan. The tenant is only for fairness (a hash of tenant and key), never for
// filtering.
struct QueryJob {
  query::Plan plan;
  std::shared_ptr<const Snapshot> snapshot;
  std::shared_ptr<rows::Writer> writer;  // the engine's until the callback is called
  std::uint64_t fairness_class = 0;      // waiting jobs are served round-robin over these
  std::shared_ptr<CancelFlag> cancel;
};

struct PoolStatus {
  std::size_t connections = 0;
  std::size_t busy = 0;
  std::size_t waiting = 0;
  std::size_t remote_cap = 0;
};

// What the URLs among a manifest's files may name, and a flag that stops waiting for their stores.
struct RemoteAccess {
  object_store::UrlPolicy policy;
  const CancelFlag* cancel = nullptr;
  SourceWaits* waits = nullptr;  // told of every file that has been opened
};

struct BuildRequest {
  const catalog::Dataset* dataset = nullptr;  // outlives the call
  std::vector<std::size_t>
      sort_columns;  // after the tenant column; indices into dataset->schema, most shared first
  std::vector<std::size_t> indexed_columns;  // what the dataset's endpoints use, for the columnar index
  manifest::Manifest manifest;
  std::vector<manifest::ResolvedFile> files;
  object_store::UrlPolicy policy;        // of the remote ones among them
  std::filesystem::path output;          // the snapshot's path without suffix: output + ".duckdb", ".index"
  std::function<void(double)> progress;  // 0 to 1, never back, from threads of the build; may be empty
  std::shared_ptr<CancelFlag> cancel;
  std::shared_ptr<SourceWaits> waits;  // may be null
};

struct BuiltSnapshot {
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;               // of the DuckDB file
  std::string fingerprint;               // hex; over the rows, whatever their order, with their count
  std::string checksum;                  // hex; over the DuckDB file's bytes, for verify()
  std::optional<Error> index_failure{};  // why it has no index, where building one failed
  catalog::Findings warnings{};          // what the files have and nothing declares
};

// A refusal of data carries its findings; a failure of machinery none.
struct BuildFailure {
  Error error;
  catalog::Findings findings;
};

// DuckDB and the columnar index, behind one interface. Owned by the composition root; outlives everything
// that holds a Snapshot. Thread-safe. The only module that sees DuckDB.
class Engine {
 public:
  virtual ~Engine() = default;

  // Opens both DuckDB instances (serving and building) locked down as security.md, 7 says, and starts the
  // read pool. Without a store no remote file can be read.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> open(
      EngineOptions options, telemetry::Telemetry& telemetry,
      std::shared_ptr<object_store::ObjectStore> store = nullptr);

  // Runs a query in the read pool, its rows into the job's writer. The callback is called exactly once: from
  // a pool thread, or from this call when the job is refused at once (`busy` when the queue is full) or
  // answered at once by the index. Errors: busy, timeout, cancelled, corrupt (the snapshot's file is
  // damaged), unavailable and changed (remote_scan), the writer's, internal.
  virtual void run(QueryJob job, AnsweredCallback callback) = 0;

  // Answers a query that the index looks up within microseconds, into `writer`, on the calling thread,
  // without a wait; nullopt when the query is one for run(), or `snapshot` is null.
  [[nodiscard]] virtual std::optional<Result<Answered>> answer_at_once(const query::Plan& plan,
                                                                       const Snapshot* snapshot,
                                                                       rows::Writer& writer) = 0;

  // Loads, sorts, verifies, checkpoints and closes `output`.duckdb (and its index), blocking, in the building
  // instance. On failure nothing is left behind. manifest.md, step 5.
  [[nodiscard]] virtual tl::expected<BuiltSnapshot, BuildFailure> build(const BuildRequest& request) = 0;

  // Attaches a built file read-only to the serving instance and wakes its index. `corrupt` when it is no such
  // file.
  [[nodiscard]] virtual Result<std::shared_ptr<const Snapshot>> attach(const SnapshotFiles& files,
                                                                       const catalog::Dataset& dataset) = 0;

  // Asks that the index of an attached snapshot have these columns in this order. Returns at once: an index
  // of another layout is built again in the background and swapped in; until then it, or DuckDB, answers. A
  // build that failed is tried again when it is asked for a quarter of an hour later. No-op for remote
  // snapshots.
  virtual void want_index(const std::shared_ptr<const Snapshot>& /*snapshot*/,
                          const catalog::Dataset& /*dataset*/, const IndexColumns& /*columns*/) {}

  // Reads the whole DuckDB file, blocking, and holds it against build()'s checksum. Beside what serves:
  // nothing waits for it. `corrupt` when it is another; `cancelled`; `unavailable` when it cannot be read.
  [[nodiscard]] virtual Result<void> verify(const SnapshotFiles& files, const std::string& checksum,
                                            const CancelFlag& cancel) = 0;

  // A snapshot for remote_scan: reads footers, types and row counts of the files through the object store,
  // loads no rows. What is read later is of the objects as they are now: of one that changes, an error.
  [[nodiscard]] virtual tl::expected<std::shared_ptr<const Snapshot>, BuildFailure> open_remote(
      const catalog::Dataset& dataset, const manifest::Manifest& manifest,
      const std::vector<manifest::ResolvedFile>& files, const RemoteAccess& access = {}) = 0;

  [[nodiscard]] virtual PoolStatus pool_status() const = 0;
  [[nodiscard]] virtual Result<std::string> duckdb_version() const = 0;
  // False from the moment DuckDB declares the serving instance invalid until it has been rebuilt. Does not
  // wait.
  [[nodiscard]] virtual bool healthy() const = 0;
  [[nodiscard]] virtual std::uint64_t duckdb_bytes() const = 0;  // memory of all instances that are open

  // Refuses new work, interrupts what runs, joins the threads. Idempotent; also done by the destructor.
  virtual void stop() = 0;
};

}  // namespace offloader::engine
