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

// The generation is the one place where the request flow and the snapshot flow meet: an immutable value made
// of one catalog and, for each dataset, the snapshot being served. A request takes the generation once and
// holds it until it ends (docs/architecture.md).
namespace offloader::serving {

// A snapshot of a dataset that is being served: what its manifest said, and its data.
struct ServedSnapshot {
  std::string snapshot_id;
  std::string watermark;  // exactly as in the manifest
  SystemTime watermark_time{};
  std::string data_quality;  // passed or warning
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
  SystemTime activated_at{};
  std::string fingerprint;  // of the rows (local) or of the tags of the files (remote)
  std::shared_ptr<const executor::Snapshot> data;
};

// An endpoint with its contract, its compiler and the snapshot of its dataset (null: not ready). A
// local_table endpoint uses the `local` snapshot of the dataset, a remote_scan endpoint the `remote` one.
struct ServedEndpoint {
  const catalog::Endpoint* contract = nullptr;  // inside the generation's catalog
  const catalog::Dataset* dataset = nullptr;    // inside the generation's catalog
  std::shared_ptr<const query::Compiler> compiler;
  std::shared_ptr<const ServedSnapshot> snapshot;
  Sha256 scope{};     // hash of the fingerprints of contract and snapshot; begins each cache key
  Editions editions;  // of the snapshot, for ETags
  // The same endpoint over the previous snapshot, in which pages may go on; null if the endpoint has no
  // cursors or there is no such snapshot.
  std::shared_ptr<const ServedEndpoint> previous{};
};

struct DatasetSnapshots {
  std::shared_ptr<const ServedSnapshot> local;   // null if no endpoint is local_table, or not loaded yet
  std::shared_ptr<const ServedSnapshot> remote;  // null if no endpoint is remote_scan, or not loaded yet
  // The snapshots that were served before these; null if there are none, or they are quarantined.
  std::shared_ptr<const ServedSnapshot> previous_local{};
  std::shared_ptr<const ServedSnapshot> previous_remote{};
};

// Immutable once published.
struct Generation {
  // Grows by one with every publication; 0 while the server is starting and has no project yet.
  std::uint64_t number = 0;
  Sha256 etag_key{};  // of the process; copied from generation to generation
  std::shared_ptr<const catalog::Catalog> catalog;
  std::map<std::string, DatasetSnapshots, std::less<>> snapshots;  // by dataset id
  std::map<std::string, ServedEndpoint, std::less<>> endpoints;    // by name
  std::vector<const ServedEndpoint*> in_order;                     // the same endpoints, sorted by name
  std::shared_ptr<const identity::Principals> principals;          // of the catalog
  std::shared_ptr<identity::KeySets> key_sets{};  // of the process; copied from generation to generation

  [[nodiscard]] const ServedEndpoint& endpoint_of(const identity::Grant& grant) const {
    return *in_order[grant.endpoint];
  }

  // Returns the ids of the datasets that lack a snapshot which one of their endpoints needs, sorted. A
  // dataset without endpoints needs its local snapshot.
  [[nodiscard]] std::vector<std::string> waiting() const;
};

// Returns the generation that is served before the project has been read: an empty catalog, number 0.
// `etag_key` is derived from the master secret; `key_sets` fetches the key sets of issuers (null: nothing
// does).
[[nodiscard]] std::shared_ptr<const Generation> starting_generation(
    const Sha256& etag_key = {}, std::shared_ptr<identity::KeySets> key_sets = nullptr);

// Makes the next generation. Whatever did not change is shared with `before` (may be null): the principals,
// and the compilers of endpoints whose fingerprint is the same, so that compiled and prepared queries stay
// warm. If `catalog` is the one of `before`, no contract is compiled again. The number is the one of `before`
// plus one (1 without it), and the ETag key and the key sets are those of `before`.
[[nodiscard]] std::shared_ptr<const Generation> make_generation(
    std::shared_ptr<const catalog::Catalog> catalog,
    std::map<std::string, DatasetSnapshots, std::less<>> snapshots, const Generation* before);

}  // namespace offloader::serving
