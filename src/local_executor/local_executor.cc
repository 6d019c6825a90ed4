#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "build_watch.h"
#include "file_checksum.h"
#include "index_answer.h"
#include "index_rebuilder.h"
#include "instance_ledger.h"
#include "janitor.h"
#include "local_files.h"
#include "local_snapshot.h"
#include "materializer.h"
#include "memory_split.h"
#include "offloader/base/file.h"
#include "offloader/base/thread.h"
#include "offloader/duckdb/error.h"
#include "offloader/duckdb/source_files.h"
#include "offloader/duckdb/version.h"
#include "offloader/local_executor/local_executor.h"
#include "offloader/telemetry/telemetry.h"
#include "read_pool.h"
#include "serving_instance.h"
#include "serving_rebuild.h"

namespace offloader::local_executor {
namespace {

constexpr std::array<std::string_view, 2> kParts{"index", "duckdb"};
constexpr unsigned kScanThreads = 8;
// The background threads of all remote_scan instances together. Without a common limit their number would
// grow with the number of datasets, each of which has an instance.
constexpr std::size_t kAllScanThreads = 128;
// The threads of all builds and remote_scan snapshots that are opening files.
constexpr std::size_t kAllOpeningThreads = 64;

class LocalExecutor final : public executor::Executor {
 public:
  LocalExecutor(Options options, std::unique_ptr<ServingInstance> serving, Stores stores, telemetry::Log& log)
      : options_(std::move(options)),
        log_(log),
        stores_(std::move(stores)),
        remote_memory_(split_memory(options_.memory_limit).remote),
        build_memory_(split_memory(options_.memory_limit).builds),
        serving_(std::move(serving)),
        indexes_(options_, ledger_, build_memory_, log),
        pool_(options_, [this] { rebuild_.begin(); }),
        rebuild_(*serving_, pool_, ledger_) {
    ledger_.add(serving_->database());
    pool_.serve(serving_->database());
  }
  Result<void> start(const EscapeReport& report) {
    if (auto started = janitor_.start("janitor", report); !started) return started;
    if (auto started = indexes_.start(report); !started) return started;
    if (auto started = rebuild_.start(report); !started) return started;
    return pool_.start(report);
  }
  ~LocalExecutor() override { stop(); }

  void run(executor::Query job, executor::AnsweredCallback callback) override {
    // A small query takes less than about 100 us, so it runs here instead of on a pool thread, and it works
    // in whatever state DuckDB is.
    if (auto answered = answer_at_once(job.plan, job.snapshot.get(), *job.writer))
      return callback(std::move(*answered));
    if (!rebuild_.healthy()) rebuild_.begin();  // retries a failed rebuild
    pool_.submit(std::move(job), std::move(callback));
  }

  std::optional<executor::Outcome> answer_at_once(const query::Plan& plan, const executor::Snapshot* snapshot,
                                                  rows::Writer& writer) override {
    if (snapshot == nullptr || writer.may_block()) return std::nullopt;
    return answer_whole_by_index(plan, *snapshot, nullptr, index::Cost::immediate, thresholds_, writer);
  }

  std::string_view name() const override { return "local"; }
  std::span<const std::string_view> parts() const override { return kParts; }

  tl::expected<executor::Materialized, executor::Refused> materialize(
      const executor::Materialization& request) override {
    const std::string& dataset = request.dataset->id;
    // Removes the files of this load unless they are published.
    struct Unpublished {
      const LocalFiles& files;
      const executor::Materialization& request;
      bool published = false;
      ~Unpublished() {
        if (published) return;
        files.remove_partial(request.dataset->id, request.name);
        files.drop(request.dataset->id, request.name);
      }
    } unpublished{files_, request};
    if (auto made = files_.prepare(dataset); !made) return tl::unexpected(machinery(std::move(made.error())));
    auto built = local_executor::materialize(options_, request, files_.partial(dataset, request.name),
                                             ledger_, build_memory_, stores_);
    if (!built) return tl::unexpected(std::move(built.error()));
    if (built->index_failure) {
      log_.warning("The index of a snapshot cannot be built. DuckDB answers its queries.",
                   {{"dataset", dataset},
                    {"reason", built->index_failure->message + ": " + built->index_failure->detail}});
    }
    if (auto published = files_.publish(dataset, request.name); !published)
      return tl::unexpected(machinery(std::move(published.error())));
    unpublished.published = true;
    built->snapshot.handle = request.name;
    return std::move(built->snapshot);
  }

  Result<executor::SnapshotPtr> attach(const executor::Stored& stored,
                                       const catalog::Dataset& dataset) override {
    const SnapshotFiles files = files_.place(dataset.id, stored.handle);
    if (!rebuild_.healthy()) rebuild_.begin();  // as in run()
    const auto id = next_id_.fetch_add(1);
    auto attached = serving_->attach(id, files, dataset);
    if (!attached) {
      if (duckdb::is_fatal(attached.error())) rebuild_.begin();
      return fail(std::move(attached.error()));
    }
    OpenSnapshot::Parts parts;
    parts.id = id;
    parts.source = ServingInstance::source_of(id);
    parts.rows = attached->rows;
    parts.fingerprint = std::move(attached->fingerprint);
    parts.types = std::move(attached->types);
    parts.files = files;
    parts.dataset = std::make_shared<const catalog::Dataset>(dataset);
    parts.on_index_broken = [this](const OpenSnapshot& broken, const index::Reader* lost) {
      indexes_.lose(broken, lost);
    };
    parts.on_gone = [this, id = dataset.id, handle = stored.handle](
                        std::uint64_t gone, bool retired, const std::shared_ptr<duckdb::Database>&) {
      janitor_.post([this, id, handle, gone, retired] {
        pool_.forget(gone);
        serving_->detach(gone);
        if (retired) files_.drop(id, handle);
      });
    };
    auto snapshot = std::make_shared<const OpenSnapshot>(std::move(parts));
    if (options_.use_index) indexes_.open(*snapshot);
    return snapshot;
  }

  void want_layout(const executor::SnapshotPtr& snapshot, const catalog::Dataset& dataset,
                   const executor::Layout& columns) override {
    if (!options_.use_index || !snapshot || snapshot->remote()) return;
    indexes_.want(static_cast<const OpenSnapshot&>(*snapshot), dataset, columns);
  }

  Result<void> verify(const std::string& dataset, const executor::Stored& stored,
                      const CancelFlag& cancel) override {
    const SnapshotFiles files = files_.place(dataset, stored.handle);
    const auto found = file_checksum(files.database(), &cancel);
    if (!found) return fail(found.error());
    if (*found == stored.checksum) return {};
    return fail(
        ErrorCode::corrupt, "The snapshot's file is damaged.",
        fmt::format("{} has the checksum {}, not {}", files.database().string(), *found, stored.checksum));
  }

  std::vector<executor::Found> recover(const std::string& dataset,
                                       std::span<const executor::Stored> known) override {
    return files_.recover(dataset, known);
  }
  void drop(const std::string& dataset, const std::string& handle) override { files_.drop(dataset, handle); }
  void set_aside(const std::string& dataset, const std::string& handle) override {
    files_.set_aside(dataset, handle);
  }

  tl::expected<executor::SnapshotPtr, executor::Refused> scan(const catalog::Dataset& dataset,
                                                              const executor::Source& source,
                                                              const CancelFlag* cancel,
                                                              executor::SourceWaits* waits) override {
    auto files = duckdb::SourceFiles::open(source, {.store = stores_.store,
                                                    .watch = stores_.watch,
                                                    .helpers = stores_.helpers.get(),
                                                    .deadline = options_.query_timeout,
                                                    .cancel = cancel,
                                                    .opening = waits});
    if (!files) return tl::unexpected(std::move(files.error()));
    // on_gone keeps a copy, so that the memory is not given back before the instance is closed.
    const std::shared_ptr<std::uint64_t> memory(new std::uint64_t(remote_memory_.take()),
                                                [this](auto* bytes) {
                                                  remote_memory_.give_back(*bytes);
                                                  delete bytes;
                                                });
    const auto background =
        std::make_shared<duckdb::ThreadBudget::Loan>(&scan_budget_, scan_threads(source.manifest) - 1);
    duckdb::InstanceOptions options;
    options.threads = static_cast<unsigned>(background->threads()) + 1;
    options.memory_limit = *memory;
    options.serving = true;
    options.temp_directory = options_.cache_dir / "tmp";
    files->expose_to(options);
    options.keep_remote_bytes = true;
    auto database = duckdb::open_instance(options);
    if (!database) return tl::unexpected(executor::Refused{std::move(database.error()), {}});
    ledger_.add(*database);
    auto connection = duckdb::Connection::open(*database);
    if (!connection) return tl::unexpected(executor::Refused{std::move(connection.error()), {}});
    BuildWatch watch(*connection, cancel);
    if (auto started = watch.start(); !started)
      return tl::unexpected(executor::Refused{std::move(started.error()), {}});
    if (auto sound = files->inspect(*connection, dataset, duckdb::SourceFiles::Use::scan); !sound)
      return tl::unexpected(std::move(sound.error()));
    const auto rows = files->count(*connection);
    if (!rows) return tl::unexpected(rows.error());
    OpenSnapshot::Parts parts;
    parts.id = next_id_.fetch_add(1);
    parts.database = *database;
    parts.source = "(" + files->select(duckdb::SourceFiles::Use::scan) + ")";
    parts.remote = true;
    parts.rows = *rows;
    parts.fingerprint = files->fingerprint();
    parts.types = duckdb::declared_types(dataset, source.manifest);
    parts.on_gone = [this, memory, background](std::uint64_t gone, bool,
                                               std::shared_ptr<duckdb::Database> instance) {
      janitor_.post([this, memory, background, gone, closing = std::move(instance)] { pool_.forget(gone); });
    };
    return std::make_shared<const OpenSnapshot>(std::move(parts));
  }

  executor::PoolStatus pool_status() const override { return pool_.status(); }
  std::string version() const override { return duckdb::duckdb_library_version(); }
  bool healthy() const override { return rebuild_.healthy(); }
  std::uint64_t memory_bytes() const override { return ledger_.bytes(); }

  void stop() override {
    indexes_.stop();
    pool_.stop();
    rebuild_.stop();
    janitor_.stop();
  }

 private:
  // DuckDB reads as many ranges of a file in parallel as it has threads. A CSV scan gains nothing from more
  // threads and takes 32 MB for each.
  unsigned scan_threads(const manifest::Manifest& manifest) const {
    const bool parquet = std::ranges::all_of(
        manifest.files, [](const auto& file) { return file.format == manifest::FileFormat::parquet; });
    return parquet ? std::max(options_.threads, kScanThreads) : options_.threads;
  }

  const Options options_;
  const LocalFiles files_{options_.cache_dir / "datasets"};
  const index::Thresholds thresholds_ = index::Thresholds::for_threads(options_.threads);
  telemetry::Log& log_;
  const Stores stores_;
  InstanceLedger ledger_;
  RemoteMemory remote_memory_;
  BuildMemory build_memory_;
  duckdb::ThreadBudget scan_budget_{kAllScanThreads};
  std::unique_ptr<ServingInstance> serving_;
  std::atomic<std::uint64_t> next_id_{1};
  Janitor janitor_;
  IndexRebuilder indexes_;
  ReadPool pool_;
  ServingRebuild rebuild_;
};

}  // namespace

Result<std::unique_ptr<executor::Executor>> open_local_executor(
    Options options, telemetry::Telemetry& telemetry, std::shared_ptr<object_store::ObjectStore> store) try {
  for (const char* name : {"datasets", "tmp"}) {
    if (auto made = create_folders(options.cache_dir / name); !made)
      return fail(ErrorCode::unavailable, "The cache folder cannot be used.", made.error().detail);
  }
  duckdb::InstanceOptions instance;
  instance.threads = options.threads;
  instance.memory_limit = split_memory(options.memory_limit).serving;
  instance.serving = true;
  instance.temp_directory = options.cache_dir / "tmp";
  instance.allowed_directories = {(options.cache_dir / "datasets").string()};
  auto serving = ServingInstance::open(std::move(instance));
  if (!serving) return fail(std::move(serving.error()));
  Stores stores{std::move(store), std::make_shared<duckdb::InterruptWatch>(),
                std::make_shared<duckdb::ThreadBudget>(kAllOpeningThreads)};
  const auto report = [log = &telemetry.log()](std::string_view what) {
    log->error("a thread of the engine caught an exception", {{"detail", what}});
  };
  if (auto started = stores.watch->start(report); !started) return fail(std::move(started.error()));
  auto opened = std::make_unique<LocalExecutor>(std::move(options), std::move(*serving), std::move(stores),
                                                telemetry.log());
  if (auto started = opened->start(report); !started) return fail(std::move(started.error()));
  return opened;
} catch (...) {
  return fail(error_in_flight());
}

}  // namespace offloader::local_executor
