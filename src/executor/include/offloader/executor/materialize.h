#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/catalog/catalog.h"
#include "offloader/catalog/finding.h"
#include "offloader/executor/snapshot.h"
#include "offloader/executor/source_waits.h"
#include "offloader/manifest/manifest.h"
#include "offloader/object_store/url_policy.h"

namespace offloader::executor {

// The data files of a snapshot and how they may be read.
struct Source {
  manifest::Manifest manifest;
  std::vector<manifest::ResolvedFile> files;
  object_store::UrlPolicy policy;  // for the remote files
};

// A request to load a snapshot.
struct Materialization {
  const catalog::Dataset* dataset = nullptr;  // outlives the call
  // Unique among all builds of the dataset: letters, digits, `.`, `_` and `-`, at most 200. The executor may
  // name files after it.
  std::string name;
  Source source;
  Layout layout;
  std::function<void(double)> progress;  // from 0 to 1, never decreasing, on any thread; may be empty
  std::shared_ptr<CancelFlag> cancel;    // may be null
  std::shared_ptr<SourceWaits> waits;    // may be null
};

// The result of a load. Everything but the warnings is kept in the snapshot's record.
struct Materialized {
  std::string handle;  // identifies the snapshot to its executor; opaque to all others
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;  // on disk
  std::string fingerprint;  // hexadecimal; over the columns, the rows in any order, and their count
  std::string checksum;     // for verify(); may be empty
  std::string layout;  // how the rows are laid out, in a notation of the executor; equal for equal layouts
  catalog::Findings warnings{};  // what the files contain but nothing declares
};

// A rejected or failed request. Rejected data comes with findings; a failure of disk, memory or network has
// none.
struct Refused {
  Error error;
  catalog::Findings findings;
};

// A snapshot as its record describes it.
struct Stored {
  std::string handle{};
  std::uint64_t bytes = 0;
  std::string fingerprint{};
  std::string checksum{};
  std::string layout{};
};

// The state of a stored snapshot at startup.
enum class Found {
  sound,  // as far as is known without reading all of it
  missing,
  damaged,     // has been quarantined
  unreadable,  // for a reason that may be temporary; left unchanged
};

}  // namespace offloader::executor
