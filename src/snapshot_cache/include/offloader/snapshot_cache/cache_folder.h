#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/clock.h"
#include "offloader/base/descriptor.h"
#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"
#include "offloader/executor/executor.h"
#include "offloader/manifest/manifest.h"
#include "offloader/snapshot_cache/marks.h"

namespace offloader {
class OwnedFolder;
}

// The cache folder on disk: versioned, locked, and consistent after a crash at any instant (snapshots.md,
// "Boot and warm start").
namespace offloader::snapshot_cache {

// The metadata of a snapshot, stored beside its rows. Rows without a valid record do not count as a snapshot.
// A snapshot that only remote_scan endpoints use has a record but no rows.
struct SnapshotRecord {
  std::string snapshot_id;
  std::string build;  // distinguishes builds of the same snapshot id
  std::string tag{};  // the manifest's tag, see Candidate
  std::string watermark;
  std::string created_at;
  std::string data_quality;
  std::vector<catalog::Column> schema;
  std::vector<manifest::DataFile> files;        // as the manifest names them
  std::optional<std::int64_t> declared_rows{};  // the manifest's row_count
  std::string executor{};                       // name of the executor that holds the rows
  std::string handle{};            // the executor's handle of the rows; empty: they were not loaded
  std::string remote_fingerprint;  // of `files`, if remote_scan endpoints read them; else empty
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
  std::string fingerprint;
  std::string checksum;  // for Executor::verify()
  std::string layout{};  // Materialized::layout
  std::string contract;  // contract_checksum() of the dataset at build time
  std::int64_t activated_micros = 0;

  [[nodiscard]] bool loaded() const { return !handle.empty(); }
  // Requires: loaded().
  [[nodiscard]] executor::Stored stored() const { return {handle, bytes, fingerprint, checksum, layout}; }
};

// Serializes a record with a checksum. The queries of presigned URLs are left out.
[[nodiscard]] std::string to_json(const SnapshotRecord& record);
[[nodiscard]] std::optional<SnapshotRecord> parse_record(
    std::string_view json);  // nullopt when damaged, or of another format

// Which builds serve. Each dataset has one file of these, which is replaced atomically.
struct Marks {
  std::string active;  // build names of the snapshots; empty: none
  std::string previous;
  std::string quarantined;  // a snapshot id
};

// Returns a checksum of everything in the contract that stored rows depend on: the columns with their types
// and source names, in order, and the tenant column.
[[nodiscard]] std::string contract_checksum(const catalog::Dataset& dataset);

struct WarmDataset {
  std::optional<SnapshotRecord> active;
  std::optional<SnapshotRecord> previous;
  std::string quarantined;
  bool incomplete = false;  // something could not be read, and was left unchanged
};

// An open cache folder, locked against other processes. Owned by the refresher. Any thread may call it, but
// calls for the same dataset must not overlap, except where noted. Writes fail with `no_space` or
// `unavailable`.
class CacheFolder {
 public:
  // Creates the folder if needed, takes the lock, removes the snapshots of other format versions, and empties
  // tmp/ and exports/. Fails with `conflict` when another process holds the lock, with `no_space` or
  // `unavailable` when the folder cannot be written, and with `invalid_config` when it is not a cache folder
  // (then nothing in it is changed) or one of its subfolders is a file or a symbolic link.
  [[nodiscard]] static Result<CacheFolder> open(const std::filesystem::path& root);
  // Returns why `root` is not a cache folder and may not become one; empty when open() would accept its
  // contents. Changes nothing.
  [[nodiscard]] static std::string refusal(const std::filesystem::path& root);
  ~CacheFolder();
  CacheFolder(CacheFolder&& other) noexcept;
  CacheFolder& operator=(CacheFolder&&) = delete;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  // Where the last good configuration is kept.
  [[nodiscard]] std::filesystem::path config() const { return root_ / "config"; }

  // Returns the datasets that have a subfolder or a mark, sorted by id.
  [[nodiscard]] std::vector<std::string> datasets() const;
  // Removes a dataset's records, state and marks. Requires: the executor has already deleted its rows.
  void remove_dataset(const std::string& dataset) const;

  // Returns what may serve after a restart: the snapshots whose record is valid and whose rows the executor
  // still has. Removes everything else of the dataset, here and in the executor. If something cannot be read
  // for a reason that may pass (no file descriptors left, an I/O error), it is neither returned nor removed,
  // and `incomplete` is set.
  [[nodiscard]] WarmDataset recover(const std::string& dataset, executor::Executor& executor) const;

  // Returns a random name for a new build: 16 hex digits.
  [[nodiscard]] std::string new_build() const;
  // Returns a file name, unique among the dataset's builds, for the record and for the executor's rows.
  [[nodiscard]] static std::string name_of(const SnapshotRecord& record);
  // Writes the record atomically, replacing an earlier one. Requires: the rows are durable. This is the step
  // that turns them into a snapshot.
  [[nodiscard]] Result<void> write_record(const std::string& dataset, const SnapshotRecord& record) const;
  // Records which builds serve and what is quarantined, atomically. On an error the previous record stays in
  // force.
  [[nodiscard]] Result<void> write_marks(const std::string& dataset, const Marks& marks) const;

  // begin_build() marks that a build of the dataset is about to decode data; end_build() removes the mark.
  // Both may run at the same time as excuse_builds().
  [[nodiscard]] Result<void> begin_build(const std::string& dataset, const BuildMark& mark) const;
  void end_build(const std::string& dataset) const;
  // Call when the process is about to stop on purpose: builds that end with it do not count as deaths.
  // Removes all building marks and prevents new ones. Any thread.
  void excuse_builds() const;
  // Turns the building marks that the last process left into death marks. Requires: called once, before the
  // first begin_build().
  void count_deaths(SystemTime now) const;
  // Returns the dataset's death mark; nullopt if there is none, or it cannot be read.
  [[nodiscard]] std::optional<DeathMark> death(const std::string& dataset) const;
  void forget_death(const std::string& dataset) const;

  // Removes the record only. The rows are removed by Snapshot::retire() or Executor::drop(); without a
  // record, the next start removes them as orphans.
  void forget(const std::string& dataset, const SnapshotRecord& record) const;

  // Free bytes on the folder's disk; 0 when that cannot be determined.
  [[nodiscard]] std::uint64_t free_bytes() const;

 private:
  struct Excused;
  CacheFolder(std::filesystem::path root, OwnedFolder folder, Descriptor lock);
  [[nodiscard]] Result<void> lay_out() const;
  // Creates the dataset's folder.
  [[nodiscard]] Result<void> prepare(const std::string& dataset) const;
  [[nodiscard]] Result<void> renew_format() const;
  void clear_dataset(const OwnedFolder& datasets, const std::string& dataset) const;
  void remove_mark(const std::string& dataset, std::string_view kind) const;
  [[nodiscard]] std::optional<std::string> read_mark(const std::string& dataset, std::string_view kind) const;
  [[nodiscard]] Result<void> write_mark(const std::string& dataset, std::string_view kind,
                                        const std::string& text) const;
  [[nodiscard]] Result<void> write_quarantine(const std::string& dataset, const std::string& id) const;
  [[nodiscard]] std::filesystem::path folder(const std::string& dataset) const {
    return root_ / "datasets" / dataset;
  }

  std::filesystem::path root_;
  std::unique_ptr<const OwnedFolder> handle_;  // the root folder
  std::unique_ptr<Excused> excused_;
  Descriptor lock_;
};

}  // namespace offloader::snapshot_cache
