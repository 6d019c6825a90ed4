#include "materializer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "build_watch.h"
#include "file_checksum.h"
#include "index_build.h"
#include "index_layout.h"
#include "offloader/base/file.h"
#include "offloader/base/thread.h"
#include "offloader/duckdb/error.h"
#include "offloader/duckdb/rows_digest.h"
#include "offloader/duckdb/source_files.h"

namespace offloader::local_executor {
namespace {

// For each read of a remote file. It is generous, since a slow store that keeps sending is acceptable.
constexpr std::chrono::minutes kBuildReadDeadline{5};
constexpr std::uint64_t kBuildReadRate = 16 << 10;  // the least rate of such a read, in bytes per second
// By default DuckDB writes the format that its release 1.0 can read. With the format of 1.4 it filters and
// groups a text column with few values by its dictionary: a tenant's rows are found in half the time, and a
// column's encoding does not depend on a lucky sample (docs/benchmarks.md).
constexpr std::string_view kStorageVersion = "v1.4.0";
// A build holds its slot while it waits for memory, which a build without a slot may have.
constexpr std::chrono::minutes kMemoryWait{1};
constexpr unsigned kRemoteThreads = 4;
constexpr unsigned kMostRemoteThreads = 32;

// Removes a file of the build, wherever it is, unless it is kept.
class BuildFile {
 public:
  explicit BuildFile(std::filesystem::path path) : path_(std::move(path)), log_(path_.string() + ".wal") {
    remove();
  }
  BuildFile(const BuildFile&) = delete;
  BuildFile& operator=(const BuildFile&) = delete;
  ~BuildFile() {
    if (!kept_) remove();
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void rename(std::filesystem::path to, std::error_code& error) {
    std::filesystem::rename(path_, to, error);
    if (!error) path_ = std::move(to);
  }
  void keep() noexcept { kept_ = true; }

 private:
  void remove() noexcept {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
    std::filesystem::remove(log_, ignored);
  }
  std::filesystem::path path_;
  std::filesystem::path log_;  // DuckDB's write-ahead log of the file
  bool kept_ = false;
};

// The names of the columns by which the rows are sorted.
std::vector<std::string> order_of(const executor::Materialization& request) {
  std::vector<std::string> names;
  for (const auto column : sorted_columns(*request.dataset, request.layout.sort_columns))
    names.push_back(request.dataset->schema[column].name);
  return names;
}

std::string order_sql(const std::vector<std::string>& names) {
  std::string sql;
  for (const auto& name : names) sql += (sql.empty() ? " ORDER BY " : ", ") + duckdb::quote_identifier(name);
  return sql;
}

// How the rows are stored, for people.
std::string layout_text(const std::vector<std::string>& order) {
  return order.empty() ? "unsorted" : fmt::format("sorted by {}", fmt::join(order, ", "));
}

// Builds the columnar index of the loaded rows. Returns only errors that must end the whole build, such as a
// full disk. Any other failure is set in `built`, and the snapshot serves without an index.
Result<void> index_rows(duckdb::Connection& connection, const executor::Materialization& request,
                        const index::WantedLayout& layout, const SnapshotFiles& output, Built& built) {
  if (!layout.has_columns()) return {};
  IndexBuild build;
  build.connection = &connection;
  build.table = kIndexedTable;
  build.layout = layout;
  build.fingerprint = built.snapshot.fingerprint;
  build.output = output.index();
  build.cancel = request.cancel.get();
  auto indexed = build_index(build);
  if (indexed) return {};
  if (duckdb::is_machinery(indexed.error())) return fail(std::move(indexed.error()));
  built.index_failure = std::move(indexed.error());
  return {};
}

// The number of DuckDB threads of a build. A local build uses one thread less than configured (at least one):
// if build threads occupied all cores, even at the lowest priority, each wake-up of an I/O thread would wait
// for one of them to be preempted. A remote build gets more threads, which mostly wait for the store.
unsigned build_threads(const Options& options, bool remote) {
  return remote ? std::clamp(2 * options.threads, kRemoteThreads, kMostRemoteThreads)
                : std::max(options.threads, 2U) - 1;
}

// Adds advice to a failure of the machinery. Returns a refusal of the data unchanged.
executor::Refused with_advice(executor::Refused refused) {
  return refused.findings.empty() ? machinery(std::move(refused.error)) : std::move(refused);
}

}  // namespace

executor::Refused machinery(Error error) {
  if (duckdb::is_out_of_spill(error)) {
    error.message =
        "The build needs more temporary disk space than it may use. Raise OFFLOADER_DUCKDB_MEMORY_LIMIT.";
  } else if (error.code == ErrorCode::no_space) {
    error.message =
        "The disk is full. Free some space on the disk of OFFLOADER_CACHE_DIR, or move the folder to a "
        "larger disk.";
  } else if (duckdb::is_out_of_memory(error)) {
    error.message = "The build needs more memory than it may use. Raise OFFLOADER_DUCKDB_MEMORY_LIMIT.";
  } else if (duckdb::is_refused_by_disk(error)) {
    error.message =
        "The cache folder cannot be written. Check the permissions, limits and disk of OFFLOADER_CACHE_DIR.";
  }
  return {std::move(error), {}};
}

tl::expected<Built, executor::Refused> materialize(const Options& options,
                                                   const executor::Materialization& request,
                                                   const SnapshotFiles& output, InstanceLedger& ledger,
                                                   BuildMemory& memory, const Stores& stores) try {
  for (const auto& file : request.source.files) {
    if (!file.remote && !std::filesystem::exists(file.location)) {
      return tl::unexpected(machinery({ErrorCode::unavailable, "A data file is missing.", file.location}));
    }
  }
  auto files = [&] {
    const executor::SourceWaits::During wait(request.waits.get());
    return duckdb::SourceFiles::open(request.source, {.store = stores.store,
                                                      .watch = stores.watch,
                                                      .helpers = stores.helpers.get(),
                                                      .deadline = kBuildReadDeadline,
                                                      .least_rate = kBuildReadRate,
                                                      .cancel = request.cancel.get(),
                                                      .opening = request.waits.get(),
                                                      .reading = request.waits});
  }();
  if (!files) return tl::unexpected(std::move(files.error()));
  auto share = memory.take(kMemoryWait, request.cancel.get());
  if (!share) return tl::unexpected(machinery(std::move(share.error())));
  const std::vector<std::string> order = order_of(request);
  duckdb::InstanceOptions instance;
  instance.threads = build_threads(options, files->any_remote());
  instance.memory_limit = share->bytes();
  instance.spill_limit = options.memory_limit / 3 * 16;
  instance.temp_directory = options.cache_dir / "tmp";
  instance.allowed_directories = {output.base.parent_path().string()};
  files->expose_to(instance);
  BuildFile database_file(output.database().string() + ".building");
  BuildFile index_file(output.index());
  Built built;
  {
    auto database = duckdb::open_instance(instance);
    if (!database) return tl::unexpected(machinery(std::move(database.error())));
    ledger.add(*database);
    share->follow(*database);
    auto connection = duckdb::Connection::open(*database);
    if (!connection) return tl::unexpected(machinery(std::move(connection.error())));
    BuildWatch watch(*connection, request.cancel.get(), request.progress);
    if (auto started = watch.start(); !started) return tl::unexpected(machinery(std::move(started.error())));

    if (auto sound = files->inspect(*connection, *request.dataset, duckdb::SourceFiles::Use::load); !sound)
      return tl::unexpected(std::move(sound.error()));
    built.snapshot.warnings = files->warnings();
    auto attached =
        connection->query(fmt::format("ATTACH {} AS target (STORAGE_VERSION '{}')",
                                      duckdb::quote_literal(database_file.path().string()), kStorageVersion));
    if (!attached) return tl::unexpected(machinery(std::move(attached.error())));
    const auto loaded = files->read(*connection, [&]() -> Result<std::int64_t> {
      auto done = connection->query("CREATE OR REPLACE TABLE target.main.rows AS " +
                                    files->select(duckdb::SourceFiles::Use::load) + order_sql(order));
      if (!done) return fail(std::move(done.error()));
      auto rows = connection->rows("SELECT count(*) FROM target.main.rows");
      if (!rows) return fail(std::move(rows.error()));
      return std::stoll((*rows)[0][0]);
    });
    if (!loaded) return tl::unexpected(with_advice(loaded.error()));
    const auto digest = duckdb::rows_digest(*connection, kIndexedTable, *request.dataset);
    if (!digest) return tl::unexpected(machinery(digest.error()));
    built.snapshot.rows = static_cast<std::int64_t>(digest->rows);
    if (auto checked = files->check_counts(*connection, built.snapshot.rows); !checked)
      return tl::unexpected(with_advice(std::move(checked.error())));
    built.snapshot.layout = layout_text(order);
    built.snapshot.fingerprint = executor::fingerprint_of(request.dataset->schema.items(), *digest);
    const index::WantedLayout layout = index_layout(
        *request.dataset, duckdb::declared_types(*request.dataset, request.source.manifest), request.layout);
    if (options.use_index) {
      if (auto indexed = index_rows(*connection, request, layout, output, built); !indexed) {
        return tl::unexpected(machinery(std::move(indexed.error())));
      }
    }
    for (const auto& sql :
         {fmt::format("CREATE TABLE target.main.facts AS SELECT {}::BIGINT AS row_count, '{}' AS fingerprint",
                      built.snapshot.rows, built.snapshot.fingerprint),
          layout_sql(layout), std::string("CHECKPOINT target"), std::string("DETACH target")}) {
      auto done = connection->query(sql);
      if (!done) return tl::unexpected(machinery(std::move(done.error())));
    }
  }
  if (request.cancel && request.cancel->cancelled()) {
    return tl::unexpected(machinery({ErrorCode::cancelled, "The build was cancelled.", {}}));
  }
  std::error_code error;
  if (auto synced = sync_path(database_file.path()); !synced)
    return tl::unexpected(machinery(std::move(synced.error())));
  built.snapshot.bytes = std::filesystem::file_size(database_file.path(), error);
  if (!error) database_file.rename(output.database(), error);
  if (error)
    return tl::unexpected(machinery(
        {ErrorCode::unavailable, "The snapshot's file cannot be moved into place.", error.message()}));
  if (auto synced = sync_path(output.base.parent_path()); !synced)
    return tl::unexpected(machinery(std::move(synced.error())));
  auto checksum = file_checksum(output.database(), request.cancel.get());
  if (!checksum) return tl::unexpected(machinery(std::move(checksum.error())));
  built.snapshot.checksum = std::move(*checksum);
  if (request.progress) request.progress(1);
  database_file.keep();
  index_file.keep();
  return built;
} catch (...) {
  // Most likely out of memory. Destructors have removed the files.
  return tl::unexpected(executor::Refused{error_in_flight(), {}});
}

}  // namespace offloader::local_executor
