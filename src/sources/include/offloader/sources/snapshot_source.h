#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"
#include "offloader/catalog/finding.h"
#include "offloader/manifest/manifest.h"
#include "offloader/object_store/object_store.h"
#include "offloader/object_store/url_policy.h"

namespace offloader::sources {

// The snapshot that a source currently offers. `tag` is the SHA-256 of the manifest: a new attempt is
// worthwhile only once it changes. `snapshot_id` is empty when the manifest cannot be parsed; such a
// candidate is compared with other manifests by its tag, and never with a snapshot.
struct Candidate {
  std::string snapshot_id;
  std::string tag;
};

// The result of asking a source for its snapshot.
struct Resolved {
  enum class Kind {
    found,
    nothing,   // the source has no snapshot yet
    rejected,  // the manifest was read but is invalid
    failed,    // the source could not be read
  };
  Kind kind = Kind::failed;
  std::string reason;   // for `nothing`: why there is no snapshot
  Candidate candidate;  // for `found`; for `rejected` the tag, and the id if it could be parsed
  manifest::Manifest manifest;
  std::vector<manifest::ResolvedFile> files;
  object_store::UrlPolicy policy;  // origins that the remote files may be read from
  catalog::Findings findings;
  Error error;
  std::string stamps;  // sizes and modification times of the local files, for SnapshotSource::changed()
};

// A snapshot that was resolved earlier, possibly by a previous process, as read from its record.
struct KeptSnapshot {
  std::string snapshot_id;
  std::vector<catalog::Column> schema;
  std::vector<manifest::DataFile> files;
  std::optional<std::int64_t> declared_rows{};
};

// The source of one dataset's snapshots. Immutable, so any thread may call it. Functions that take `cancel`
// block while they read the source; each store request has a deadline of 30 s and ends soon after `cancel` is
// raised. `cancel` may be null. Failures are reported in the returned Resolved.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;

  // The name shown in diagnostics: `static_manifest` or `databricks`.
  [[nodiscard]] virtual std::string_view kind() const = 0;
  // The bucket or host that the source depends on, so that all datasets of a slow store can be limited
  // together. Empty for the local disk.
  [[nodiscard]] virtual std::string origin() const = 0;
  // The refresh interval that the contract sets; nullopt when the settings decide.
  [[nodiscard]] virtual std::optional<std::chrono::seconds> interval() const { return std::nullopt; }

  // Reads the newest snapshot's manifest and runs every check that needs no data (manifest.md, 1 to 4).
  [[nodiscard]] virtual Resolved resolve(const CancelFlag* cancel) const = 0;

  // Returns the files of an earlier snapshot, at the locations where the source would find them now.
  // `rejected` when the project no longer allows reading them. Reads no file and sends no request, but
  // resolves symbolic links on the local disk.
  [[nodiscard]] virtual Resolved recall(const KeptSnapshot& kept) const = 0;

  // Compares the local files with the manifest. A missing file or a wrong size adds a finding and makes the
  // result `rejected`. Also takes the stamps that changed() compares. Separate from resolve(), so that the
  // files of an unchanged snapshot are not checked again. Blocking.
  void check_files(Resolved& resolved) const;

  // Whether the manifest or a local file has changed since check_files(). If so, the loaded data may mix two
  // versions. A manifest that can no longer be read counts as changed.
  [[nodiscard]] bool changed(const Resolved& resolved, const CancelFlag* cancel) const;

 private:
  // The manifest's name in findings.
  [[nodiscard]] virtual std::string manifest_name() const = 0;
  [[nodiscard]] virtual bool manifest_changed(const Resolved& resolved, const CancelFlag* cancel) const = 0;
};

// What a source needs in addition to its dataset. `store` must outlive the source.
struct SourceContext {
  std::vector<std::string> allowed_origins;
  std::string base;  // the project's folder, or its bucket prefix ending in `/`
  bool base_remote = false;
  object_store::ObjectStore& store;
};

// Creates the source that the dataset's contract specifies. `dataset` must outlive it.
[[nodiscard]] std::unique_ptr<SnapshotSource> make_source(const catalog::Dataset& dataset,
                                                          SourceContext context);

// Returns a lower estimate, in bytes, of the disk space that building the snapshot needs. Where the manifest
// declares no file size, local files are measured, and remote ones share what remains of the declared total.
// Reads the local disk.
[[nodiscard]] std::uint64_t room_needed(const Resolved& resolved);

}  // namespace offloader::sources
