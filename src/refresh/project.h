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

// What a project wants of one dataset: everything that is worked out from its catalog alone. Immutable.
struct Contract {
  std::shared_ptr<const catalog::Catalog> catalog;  // keeps `dataset` alive
  const catalog::Dataset* dataset = nullptr;
  std::string checksum;  // snapshot_cache::contract_checksum()
  ContractUse use;
  Policy policy;
  std::vector<std::string> endpoints;  // names, sorted
  std::int64_t stale_minutes = 0;      // the shortest that an endpoint allows
  std::shared_ptr<const sources::SnapshotSource> source;
};
using ContractPtr = std::shared_ptr<const Contract>;

struct Project {
  std::shared_ptr<const catalog::Catalog> catalog;
  std::map<std::string, ContractPtr> contracts;  // by dataset id
};

using MakeSource =
    std::function<std::unique_ptr<sources::SnapshotSource>(const catalog::Catalog&, const catalog::Dataset&)>;

// `interval` is for sources whose contract does not say how often they are asked.
[[nodiscard]] std::shared_ptr<const Project> make_project(std::shared_ptr<const catalog::Catalog> catalog,
                                                          std::chrono::seconds interval,
                                                          const MakeSource& make_source);

// Whether an attempt under the contract `before` is for nothing now.
[[nodiscard]] bool supersedes(const Contract& now, const Contract& before);

// Whether what was refused or put off under `before` is worth another attempt at once.
[[nodiscard]] bool wants_another_attempt(const Contract& now, const Contract& before);

}  // namespace offloader::refresh
