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
  object_store::UrlPolicy policy;  // of the remote ones among them
};

// A snapshot to be loaded.
struct Materialization {
  const catalog::Dataset* dataset = nullptr;  // outlives the call
  // Names the snapshot among all builds of its dataset: letters, digits, `.`, `_` and `-`, at most 200. What
  // is made may be called after it.
  std::string name;
  Source source;
  Layout layout;
  std::function<void(double)> progress;  // 0 to 1, never back, from any thread; may be empty
  std::shared_ptr<CancelFlag> cancel;    // may be null
  std::shared_ptr<SourceWaits> waits;    // may be null
};

// What a load made. All of it but the warnings is kept in the snapshot's record.
struct Materialized {
  std::string handle;  // what the executor finds the snapshot by; opaque to everybody else
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;       // that it takes
  std::string fingerprint;       // hexadecimal; over the rows, whatever their order, with their count
  std::string checksum;          // for verify(); may be empty
  std::string layout;            // how the rows lie, in the executor's words; equal where they lie alike
  catalog::Findings warnings{};  // what the files have and nothing declares
};

// A refusal of data carries its findings; a failure of machinery none.
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

// What a start found of a stored snapshot.
enum class Found {
  sound,  // as far as can be told without reading all of it
  missing,
  damaged,     // it has been set aside
  unreadable,  // for a reason that may pass: it was left as it is
};

}  // namespace offloader::executor
