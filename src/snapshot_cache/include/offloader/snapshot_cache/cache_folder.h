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

// The cache folder on disk: versioned, locked, and whole after a crash at any instant (snapshots.md, "Boot
// and warm start").
namespace offloader::snapshot_cache {

// What is known of a snapshot, kept beside its rows. Rows without a sound record are no snapshot; a snapshot
// that only remote_scan endpoints serve has a record and no rows of its own.
struct SnapshotRecord {
  std::string snapshot_id;
  std::string build;  // tells builds of one id apart
  std::string tag{};  // of the manifest, see Candidate
  std::string watermark;
  std::string created_at;
  std::string data_quality;
  std::vector<catalog::Column> schema;
  std::vector<manifest::DataFile> files;        // as the manifest names them
  std::optional<std::int64_t> declared_rows{};  // the manifest's row_count
  std::string executor{};                       // which one has the rows
  std::string handle{};                         // by which it finds them; empty: they were not loaded
  std::string remote_fingerprint;  // of `files`, where remote_scan endpoints serve them; else empty
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
  std::string fingerprint;
  std::string checksum;  // for Executor::verify()
  std::string layout{};  // Materialized::layout
  std::string contract;  // contract_checksum() of the dataset that it was built for
  std::int64_t activated_micros = 0;

  [[nodiscard]] bool loaded() const { return !handle.empty(); }
  // Of one that was loaded.
  [[nodiscard]] executor::Stored stored() const { return {handle, bytes, fingerprint, checksum, layout}; }
};

[[nodiscard]] std::string to_json(const SnapshotRecord& record);
[[nodiscard]] std::optional<SnapshotRecord> parse_record(
    std::string_view json);  // nothing for anything unsound

// Which builds serve, kept per dataset in one file that is replaced atomically.
struct Marks {
  std::string active;  // builds; empty: none
  std::string previous;
  std::string quarantined;  // a snapshot id
};

// Over what a file on disk has to fit: the columns with their types, in order, and the tenant column.
[[nodiscard]] std::string contract_checksum(const catalog::Dataset& dataset);

struct WarmDataset {
  std::optional<SnapshotRecord> active;
  std::optional<SnapshotRecord> previous;
  std::string quarantined;
  bool incomplete = false;  // something could not be read; it was left as it is
};

// One process at a time holds it. Calls for different datasets may come from different threads, for one
// dataset from one at a time.
class CacheFolder {
 public:
  // Makes the folder where there is none, takes the lock, removes the snapshots of another format version,
  // empties tmp/. `conflict` when another process has it; `unavailable`, `no_space` when it cannot be
  // written; `invalid_config` when it is not a cache folder: then nothing in it is touched.
  [[nodiscard]] static Result<CacheFolder> open(const std::filesystem::path& root);
  // Why open() would say `invalid_config` of what the folder holds; empty when it would not. Touches nothing.
  [[nodiscard]] static std::string refusal(const std::filesystem::path& root);
  ~CacheFolder();
  CacheFolder(CacheFolder&& other) noexcept;
  CacheFolder& operator=(CacheFolder&&) = delete;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::filesystem::path config() const { return root_ / "config"; }

  // Of what datasets something is kept.
  [[nodiscard]] std::vector<std::string> datasets() const;
  // Removes what is kept of a dataset, whose rows the executor has deleted.
  void remove_dataset(const std::string& dataset) const;

  // What a restart may serve: snapshots whose record is sound and whose rows the executor has. Everything
  // else of the dataset is removed, by this and by the executor. What cannot be read for a reason that may
  // pass (no descriptors, an error of the disk) is neither served nor removed.
  [[nodiscard]] WarmDataset recover(const std::string& dataset, executor::Executor& executor) const;

  [[nodiscard]] std::string new_build() const;
  // The name of a build among those of its dataset: for its record, and for the executor.
  [[nodiscard]] static std::string name_of(const SnapshotRecord& record);
  // Atomically, once the rows are durable: the last step makes them a snapshot. Replaces an earlier record.
  [[nodiscard]] Result<void> write_record(const std::string& dataset, const SnapshotRecord& record) const;
  [[nodiscard]] Result<void> write_marks(const std::string& dataset, const Marks& marks) const;

  // A build of the dataset is about to decode data; end_build() when it is over. Both are safe to call while
  // excuse_builds() runs.
  [[nodiscard]] Result<void> begin_build(const std::string& dataset, const BuildMark& mark) const;
  void end_build(const std::string& dataset) const;
  // The process is about to end on purpose: no build that ends with it has died.
  void excuse_builds() const;
  // What builds the last process left unfinished, made into deaths. Once, before the first begin_build().
  void count_deaths(SystemTime now) const;
  [[nodiscard]] std::optional<DeathMark> death(const std::string& dataset) const;
  void forget_death(const std::string& dataset) const;

  // The record alone: the rows go with Snapshot::retire(), or with Executor::drop(). Without their record
  // they are an orphan at the next start.
  void forget(const std::string& dataset, const SnapshotRecord& record) const;

  [[nodiscard]] std::uint64_t free_bytes() const;

 private:
  struct Excused;
  CacheFolder(std::filesystem::path root, OwnedFolder folder, Descriptor lock);
  [[nodiscard]] Result<void> lay_out() const;
  // Makes the dataset's folder.
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
  std::unique_ptr<const OwnedFolder> handle_;  // of the root
  std::unique_ptr<Excused> excused_;
  Descriptor lock_;
};

}  // namespace offloader::snapshot_cache
