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

// What a source offers. The tag is a hash over everything that would make a new attempt worthwhile: the
// manifest's bytes. The id is empty when the manifest cannot be parsed: such a candidate is compared with
// other manifests by its tag alone, and never with a snapshot.
struct Candidate {
  std::string snapshot_id;
  std::string tag;
};

// What a source has to offer at this moment.
struct Resolved {
  enum class Kind {
    found,
    nothing,   // the source has no snapshot yet
    rejected,  // a manifest was read, and refused
    failed,    // the source could not be read
  };
  Kind kind = Kind::failed;
  std::string reason;   // nothing: why there is none
  Candidate candidate;  // found; with rejected the tag, and the id where it could be read
  manifest::Manifest manifest;
  std::vector<manifest::ResolvedFile> files;
  object_store::UrlPolicy policy;  // of the remote ones among them
  catalog::Findings findings;
  Error error;
  std::string stamps;  // sizes and times of the local files, see SnapshotSource::changed()
};

// A snapshot that was resolved by an earlier process, as its record remembers it.
struct KeptSnapshot {
  std::string snapshot_id;
  std::vector<catalog::Column> schema;
  std::vector<manifest::DataFile> files;
  std::optional<std::int64_t> declared_rows{};
};

// Where the snapshots of one dataset come from. Immutable, so any thread may call it. Calls that read the
// source block within deadlines, and end soon after their `cancel` (may be null) is raised.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;

  // For people: static_manifest or databricks.
  [[nodiscard]] virtual std::string_view kind() const = 0;
  // What is slow or unavailable as a whole: a bucket or a host. Empty for this machine's disk.
  [[nodiscard]] virtual std::string origin() const = 0;
  // How often the contract asks for a refresh; nullopt where it leaves that to the settings.
  [[nodiscard]] virtual std::optional<std::chrono::seconds> interval() const { return std::nullopt; }

  // Reads the newest snapshot's manifest and checks everything that needs no load (manifest.md, 1 to 4).
  [[nodiscard]] virtual Resolved resolve(const CancelFlag* cancel) const = 0;

  // The files of a snapshot that was resolved before, where the source would find them now. `rejected` when
  // they may no longer be read. Reads nothing.
  [[nodiscard]] virtual Resolved recall(const KeptSnapshot& kept) const = 0;

  // Compares the declared files with those on disk: missing ones and wrong sizes become findings of a
  // `rejected`. Separate from resolve() because the files of an unchanged snapshot are not looked at.
  void check_files(Resolved& resolved) const;

  // Whether the manifest or one of its files is another than when it was resolved: then what was loaded may
  // be a mixture.
  [[nodiscard]] bool changed(const Resolved& resolved, const CancelFlag* cancel) const;

 private:
  // Names the manifest in findings.
  [[nodiscard]] virtual std::string manifest_name() const = 0;
  [[nodiscard]] virtual bool manifest_changed(const Resolved& resolved, const CancelFlag* cancel) const = 0;
};

// What a source needs beside its dataset. The store outlives it.
struct SourceContext {
  std::vector<std::string> allowed_origins;
  std::string base;  // the project's folder, or its bucket prefix ending in `/`
  bool base_remote = false;
  object_store::ObjectStore& store;
};

// The source that the dataset's contract names. `dataset` outlives it.
[[nodiscard]] std::unique_ptr<SnapshotSource> make_source(const catalog::Dataset& dataset,
                                                          SourceContext context);

// Bytes that building the snapshot clearly needs on disk. Of files whose size the manifest does not tell,
// local ones are looked at; remote ones have what is left of its total.
[[nodiscard]] std::uint64_t room_needed(const Resolved& resolved);

}  // namespace offloader::sources
