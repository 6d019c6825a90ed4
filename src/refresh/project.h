#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "contract_use.h"
#include "offloader/catalog/catalog.h"
#include "offloader/refresh/decision.h"
#include "offloader/sources/snapshot_source.h"

namespace offloader::refresh {

// What a project requires of one dataset, derived from its catalog alone. Immutable.
struct Contract {
  std::shared_ptr<const catalog::Catalog> catalog;  // keeps `dataset` alive
  const catalog::Dataset* dataset = nullptr;
  std::string checksum;  // snapshot_cache::contract_checksum()
  ContractUse use;
  Policy policy;
  std::vector<std::string> endpoints;  // names, sorted (as in the catalog)
  std::int64_t stale_minutes = 0;      // the shortest max_staleness_minutes; 1440 if none is set
  std::shared_ptr<const sources::SnapshotSource> source;
};
using ContractPtr = std::shared_ptr<const Contract>;

struct Project {
  std::shared_ptr<const catalog::Catalog> catalog;
  std::map<std::string, ContractPtr> contracts;  // by dataset id
};

using MakeSource =
    std::function<std::unique_ptr<sources::SnapshotSource>(const catalog::Catalog&, const catalog::Dataset&)>;

// Derives the contracts of all datasets. `interval` applies to sources whose contract sets none.
[[nodiscard]] std::shared_ptr<const Project> make_project(std::shared_ptr<const catalog::Catalog> catalog,
                                                          std::chrono::seconds interval,
                                                          const MakeSource& make_source);

// Whether an attempt that runs under `before` is useless under `now`: the origin, the serving modes or the
// contract checksum changed.
[[nodiscard]] bool supersedes(const Contract& now, const Contract& before);

// Whether a change from `before` to `now` justifies retrying at once what was rejected or delayed: the
// origin, the pin, the skips or the contract checksum changed.
[[nodiscard]] bool wants_another_attempt(const Contract& now, const Contract& before);

}  // namespace offloader::refresh
