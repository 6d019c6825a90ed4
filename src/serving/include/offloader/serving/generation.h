#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/clock.h"
#include "offloader/base/crypto.h"
#include "offloader/catalog/catalog.h"
#include "offloader/executor/snapshot.h"
#include "offloader/identity/principals.h"
#include "offloader/query/compiler.h"
#include "offloader/serving/etag.h"

// The one place where the request flow and the snapshot flow meet: an immutable value made of one catalog
// and, for each dataset, the snapshot that it serves. A request takes it once and holds it to its end
// (docs/architecture.md).
namespace offloader::serving {

// A dataset's snapshot as it serves: what its manifest said, and the data.
struct ServedSnapshot {
  std::string snapshot_id;
  std::string watermark;  // as the manifest wrote it
  SystemTime watermark_time{};
  std::string data_quality;  // passed or warning
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
  SystemTime activated_at{};
  std::string fingerprint;  // of the rows (local) or of the files' tags (remote)
  std::shared_ptr<const executor::Snapshot> data;
};

// An endpoint ready to answer: its contract, its compiler, and its dataset's snapshots (null: not ready).
// `local` serves local_table endpoints, `remote` remote_scan ones.
struct ServedEndpoint {
  const catalog::Endpoint* contract = nullptr;  // inside the generation's catalog
  const catalog::Dataset* dataset = nullptr;    // inside the generation's catalog
  std::shared_ptr<const query::Compiler> compiler;
  std::shared_ptr<const ServedSnapshot> snapshot;
  Sha256 scope{};  // of the fingerprints of contract and snapshot: what of a cache key all its requests share
  Editions editions;  // of the snapshot, for ETags
};

struct DatasetSnapshots {
  std::shared_ptr<const ServedSnapshot> local;   // null when no endpoint is local_table, or not there yet
  std::shared_ptr<const ServedSnapshot> remote;  // null when no endpoint is remote_scan, or not there yet
};

// Immutable once published.
struct Generation {
  std::uint64_t number =
      0;  // grows by one with every publication; 0 while the server is starting and has no project yet
  Sha256 etag_key{};  // the process's, handed on from generation to generation
  std::shared_ptr<const catalog::Catalog> catalog;
  std::map<std::string, DatasetSnapshots, std::less<>> snapshots;  // by dataset id
  std::map<std::string, ServedEndpoint, std::less<>> endpoints;    // by name
  std::vector<const ServedEndpoint*> in_order;                     // the same, in order of names
  std::shared_ptr<const identity::Principals> principals;          // of the catalog

  [[nodiscard]] const ServedEndpoint& endpoint_of(const identity::Grant& grant) const {
    return *in_order[grant.endpoint];
  }

  // Datasets of the catalog that lack a snapshot some endpoint of theirs needs (a dataset without endpoints
  // needs its local one).
  [[nodiscard]] std::vector<std::string> waiting() const;
};

// What serves before the project has been read: an empty catalog, number 0. `etag_key` is derived from the
// master secret.
[[nodiscard]] std::shared_ptr<const Generation> starting_generation(const Sha256& etag_key = {});

// Puts a generation together. What did not change is taken from `before` (may be null): compilers of
// endpoints whose fingerprint is the same, so that what was compiled and prepared stays warm, and the
// principals. Where `catalog` is before's, nothing of a contract is looked at again. `number` is
// before's plus one, and the key of ETags is before's.
[[nodiscard]] std::shared_ptr<const Generation> make_generation(
    std::shared_ptr<const catalog::Catalog> catalog,
    std::map<std::string, DatasetSnapshots, std::less<>> snapshots, const Generation* before);

}  // namespace offloader::serving
