#include "materializer.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "build_watch.h"
#include "csv_load.h"
#include "file_checksum.h"
#include "file_source.h"
#include "index_layout.h"
#include "interrupt_watch.h"
#include "offloader/base/crypto.h"
#include "offloader/base/file.h"
#include "offloader/base/thread.h"
#include "parquet_local_pages.h"
#include "pinned_files.h"

namespace offloader::engine {
namespace {

// Of each read of a remote file: a store that is slow, but goes on, may take its time.
constexpr std::chrono::minutes kBuildReadDeadline{5};
constexpr std::uint64_t kBuildReadRate = 16 << 10;  // bytes a second
// DuckDB's own default is the format that its release 1.0 reads. Since 1.4's, a text column of few values is
// filtered and grouped by its dictionary: a tenant's rows are found in half the time, and which encoding a
// column gets is not a matter of a sample's luck (docs/benchmarks.md).
constexpr std::string_view kStorageVersion = "v1.4.0";
constexpr unsigned kRemoteThreads = 4;
constexpr unsigned kMostRemoteThreads = 32;

// What is to blame is not the data; where there is something to do about it, the message says what.
BuildFailure machinery(Error error) {
  if (is_out_of_spill(error)) {
    error.message =
        "The build needs more temporary space than it may take: raise OFFLOADER_DUCKDB_MEMORY_LIMIT.";
  } else if (error.code == ErrorCode::no_space) {
    error.message =
        "The disk is full: free some space where OFFLOADER_CACHE_DIR is, or put it on a larger disk.";
  } else if (is_out_of_memory(error)) {
    error.message = "The build does not fit into its memory: raise OFFLOADER_DUCKDB_MEMORY_LIMIT.";
  } else if (is_refused_by_disk(error)) {
    error.message =
        "The cache folder cannot be written: check OFFLOADER_CACHE_DIR, its rights, limits and disk.";
  }
  return {std::move(error), {}};
}

// Removes the half-built file unless it was kept.
class PartialFile {
 public:
  explicit PartialFile(std::filesystem::path path) : path_(std::move(path)) { remove(); }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  ~PartialFile() {
    if (!kept_) remove();
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  void remove() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
    std::filesystem::remove(path_.string() + ".wal", ignored);
  }
  std::filesystem::path path_;
  bool kept_ = false;
};

std::string order_of(const BuildRequest& request) {
  std::string sql;
  for (const auto column : sorted_columns(*request.dataset, request.sort_columns)) {
    sql += (sql.empty() ? " ORDER BY " : ", ") + quote_identifier(request.dataset->schema[column].name);
  }
  return sql;
}

std::string fingerprint_sql(const catalog::Dataset& dataset) {
  std::string columns;
  for (const auto& column : dataset.schema) {
    columns += (columns.empty() ? "" : ", ") + quote_identifier(column.name);
  }
  return fmt::format(
      "SELECT count(*), coalesce(sum(h), 0), coalesce(bit_xor(h), 0) FROM (SELECT hash({}) AS h FROM "
      "target.main.rows)",
      columns);
}

std::string hex_of(std::string_view text) {
  const auto digest = sha256(text);
  return to_hex(std::span(digest).first(16));
}

// Builds the columnar index of the loaded rows. A failure is reported in `built` and leaves a snapshot
// without an index, which serves; an error is returned only when it ends the whole build.
Result<void> index_rows(Connection& connection, const BuildRequest& request, IndexBuild build,
                        BuiltSnapshot& built) {
  if (!build.has_columns()) return {};
  build.connection = connection.get();
  build.fingerprint = built.fingerprint;
  build.output = SnapshotFiles{request.output}.index();
  build.cancel = request.cancel.get();
  auto indexed = build_index(build);
  if (indexed) return {};
  if (is_machinery(indexed.error())) return fail(std::move(indexed.error()));
  built.index_failure = std::move(indexed.error());
  return {};
}

// A build leaves one thread's worth of processor to those who read meanwhile: with as many threads as cores,
// and be they of the lowest priority, every wake-up of an I/O thread waits for one of them to be put aside.
// Threads that wait for a store compute little.
unsigned build_threads(const EngineOptions& options, bool remote) {
  return remote ? std::clamp(2 * options.threads, kRemoteThreads, kMostRemoteThreads)
                : std::max(options.threads, 2U) - 1;
}

}  // namespace

std::optional<BuildFailure> check_row_counts(const manifest::Manifest& manifest, std::int64_t rows,
                                             catalog::Findings files) {
  if (manifest.row_count && *manifest.row_count != rows) {
    catalog::Finding finding;
    finding.path = "row_count";
    finding.code = "row_count_mismatch";
    finding.message = fmt::format("The files have {} rows, the manifest says {}.", rows, *manifest.row_count);
    files.insert(files.begin(), std::move(finding));
  }
  if (files.empty()) return std::nullopt;
  return BuildFailure{{ErrorCode::rejected, "The snapshot has another number of rows than declared.", {}},
                      std::move(files)};
}

tl::expected<BuiltSnapshot, BuildFailure> materialize(const EngineOptions& options,
                                                      const BuildRequest& request, InstanceLedger& ledger,
                                                      BuildMemory& memory, const Stores& stores) try {
  const SnapshotFiles files{request.output};
  for (const auto& file : request.files) {
    if (!file.remote && !std::filesystem::exists(file.location)) {
      return tl::unexpected(machinery({ErrorCode::unavailable, "A data file is missing.", file.location}));
    }
  }
  const auto pinned = [&] {
    const SourceWaits::During wait(request.waits.get());
    return PinnedFiles::open(stores.store, request.files,
                             {request.policy, request.cancel.get(), request.waits.get()},
                             {.deadline = kBuildReadDeadline,
                              .least_rate = kBuildReadRate,
                              .local = true,
                              .helpers = stores.helpers.get(),
                              .waits = request.waits});
  }();
  if (!pinned) return tl::unexpected(pinned.error());
  BuildMemory::Share share(memory);
  InstanceOptions instance;
  instance.threads = build_threads(options, (*pinned)->any_remote());
  instance.memory_limit = share.bytes();
  instance.spill_limit = options.memory_limit / 3 * 16;
  instance.temp_directory = options.cache_dir / "tmp";
  const auto csv =
      CsvFiles::of(*pinned, (*pinned)->files(), request.manifest.csv, stores.watch, request.waits);
  instance.allowed_paths = paths_of(csv->files());
  instance.csv = csv;
  instance.allowed_directories = {request.output.parent_path().string()};
  instance.pinned = *pinned;
  instance.watch = stores.watch;
  instance.waits = request.waits;
  PartialFile partial(files.database().string() + ".building");
  PartialFile index(files.index());
  BuiltSnapshot built;
  {
    auto database = open_instance(instance);
    if (!database) return tl::unexpected(machinery(std::move(database.error())));
    ledger.add(*database);
    share.follow(*database);
    auto connection = Connection::open(*database);
    if (!connection) return tl::unexpected(machinery(std::move(connection.error())));
    BuildWatch watch(*connection, request.cancel.get(), request.progress);
    if (auto started = watch.start(); !started) return tl::unexpected(machinery(std::move(started.error())));

    const std::function<bool()> interrupted = [&] { return request.cancel && request.cancel->cancelled(); };
    auto source = inspect_files(*connection, *request.dataset, request.manifest, *csv, interrupted);
    if (!source) return tl::unexpected(std::move(source.error()));
    auto damaged = check_local_pages(*source, **pinned, interrupted);
    if (!damaged) return tl::unexpected(machinery(std::move(damaged.error())));
    if (!damaged->empty()) {
      return tl::unexpected(
          BuildFailure{{ErrorCode::rejected, "The snapshot's data was refused.", {}}, std::move(*damaged)});
    }
    built.warnings = source->warnings;
    auto attached = connection->query(fmt::format("ATTACH {} AS target (STORAGE_VERSION '{}')",
                                                  quote_literal(partial.path().string()), kStorageVersion));
    if (!attached) return tl::unexpected(machinery(std::move(attached.error())));
    const auto loaded = read_with_csv(*csv, *source, *connection, interrupted, [&]() -> Result<std::int64_t> {
      auto done = connection->query("CREATE OR REPLACE TABLE target.main.rows AS " +
                                    source->select(FileSource::Use::load) + order_of(request));
      if (!done) return fail(std::move(done.error()));
      auto rows = connection->rows("SELECT count(*) FROM target.main.rows");
      if (!rows) return fail(std::move(rows.error()));
      return std::stoll((*rows)[0][0]);
    });
    if (!loaded && loaded.error().findings.empty())
      return tl::unexpected(machinery(std::move(loaded.error().error)));
    if (!loaded) return tl::unexpected(std::move(loaded.error()));
    auto print = connection->rows(fingerprint_sql(*request.dataset));
    if (!print) return tl::unexpected(machinery(std::move(print.error())));
    built.rows = std::stoll((*print)[0][0]);
    auto counts = check_csv_counts(*connection, *source, built.rows);
    if (!counts) return tl::unexpected(machinery(std::move(counts.error())));
    if (auto refused = check_row_counts(request.manifest, built.rows, std::move(*counts))) {
      return tl::unexpected(std::move(*refused));
    }
    std::string text;
    for (const auto& column : request.dataset->schema) {
      text += fmt::format("{} {}\n", column.name, static_cast<int>(column.type));
    }
    built.fingerprint = hex_of(text + (*print)[0][0] + " " + (*print)[0][1] + " " + (*print)[0][2]);
    const IndexBuild layout =
        index_layout(*request.dataset, declared_types(*request.dataset, request.manifest),
                     {request.sort_columns, request.indexed_columns});
    if (options.use_index) {
      if (auto indexed = index_rows(*connection, request, layout, built); !indexed) {
        return tl::unexpected(machinery(std::move(indexed.error())));
      }
    }
    for (const auto& sql :
         {fmt::format("CREATE TABLE target.main.facts AS SELECT {}::BIGINT AS row_count, '{}' AS fingerprint",
                      built.rows, built.fingerprint),
          layout_sql(layout), std::string("CHECKPOINT target"), std::string("DETACH target")}) {
      auto done = connection->query(sql);
      if (!done) return tl::unexpected(machinery(std::move(done.error())));
    }
  }
  if (request.cancel && request.cancel->cancelled()) {
    return tl::unexpected(machinery({ErrorCode::cancelled, "The build was cancelled.", {}}));
  }
  std::error_code error;
  if (auto synced = sync_path(partial.path()); !synced)
    return tl::unexpected(machinery(std::move(synced.error())));
  built.bytes = std::filesystem::file_size(partial.path(), error);
  if (!error) std::filesystem::rename(partial.path(), files.database(), error);
  if (error)
    return tl::unexpected(
        machinery({ErrorCode::unavailable, "The snapshot cannot be put in place.", error.message()}));
  partial.keep();
  index.keep();
  if (auto synced = sync_path(request.output.parent_path()); !synced) {
    std::filesystem::remove(files.database(), error);
    std::filesystem::remove(files.index(), error);
    return tl::unexpected(machinery(std::move(synced.error())));
  }
  auto checksum = file_checksum(files.database(), request.cancel.get());
  if (!checksum) {
    std::filesystem::remove(files.database(), error);
    std::filesystem::remove(files.index(), error);
    return tl::unexpected(machinery(std::move(checksum.error())));
  }
  built.checksum = std::move(*checksum);
  if (request.progress) request.progress(1);
  return built;
} catch (...) {
  // Memory, most likely. What was half built has been removed on the way here.
  return tl::unexpected(BuildFailure{error_in_flight(), {}});
}

}  // namespace offloader::engine
