#pragma once

#include <string>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/catalog/catalog.h"
#include "offloader/manifest/manifest.h"
#include "offloader/object_store/object_store.h"
#include "offloader/object_store/url_policy.h"
#include "offloader/refresh/cache_folder.h"
#include "offloader/refresh/decision.h"

namespace offloader::refresh {

// Where a resolve looks. Everything by reference outlives it.
struct ResolveInput {
  const catalog::Dataset& dataset;
  std::vector<std::string> allowed_origins;
  std::string base;  // the project's folder, or its bucket prefix ending in `/`
  bool base_remote = false;
  object_store::ObjectStore& store;
  const CancelFlag* cancel = nullptr;
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
  std::string stamps;  // sizes and times (or tags) of the files: see sources_changed()
};

// Reads the newest manifest and checks everything that needs no load (manifest.md, 1 to 4). Blocking, within
// deadlines.
[[nodiscard]] Resolved resolve(const ResolveInput& input);

// What a record remembers of a snapshot, as resolve() would have found it: its files, wherever the dataset's
// source now says that such files are. `rejected` when they may not be read any more. Asks nobody.
[[nodiscard]] Resolved recall(const ResolveInput& input, const SnapshotRecord& record);

// The declared files, as they are: missing ones and wrong sizes become findings of a `rejected`. Separate
// from resolve() because an unchanged snapshot's files are not looked at.
void check_files(const ResolveInput& input, Resolved& resolved);

// Bytes that building the snapshot clearly needs on disk. Of files whose size the manifest does not tell,
// local ones are looked at; remote ones have what is left of its total.
[[nodiscard]] std::uint64_t room_needed(const Resolved& resolved);

// Whether the manifest or one of its files is another than when it was resolved: then what was loaded may be
// a mixture.
[[nodiscard]] bool sources_changed(const ResolveInput& input, const Resolved& resolved);

}  // namespace offloader::refresh
