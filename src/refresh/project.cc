#include "project.h"

#include <algorithm>
#include <utility>

#include "offloader/snapshot_cache/cache_folder.h"

namespace offloader::refresh {
namespace {

constexpr std::int64_t kDefaultStaleMinutes = 24 * 60;

}  // namespace

std::shared_ptr<const Project> make_project(std::shared_ptr<const catalog::Catalog> catalog,
                                            std::chrono::seconds interval, const MakeSource& make_source) {
  auto project = std::make_shared<Project>();
  std::map<std::string_view, std::int64_t> stale;
  std::map<std::string_view, std::vector<std::string>> endpoints;
  for (const auto& [name, endpoint] : catalog->endpoints) {
    endpoints[endpoint.dataset].push_back(name);
    if (!endpoint.max_staleness_minutes) continue;
    const auto [found, added] = stale.emplace(endpoint.dataset, *endpoint.max_staleness_minutes);
    if (!added) found->second = std::min(found->second, *endpoint.max_staleness_minutes);
  }
  for (const auto& [id, dataset] : catalog->datasets) {
    auto contract = std::make_shared<Contract>();
    contract->catalog = catalog;
    contract->dataset = &dataset;
    contract->checksum = snapshot_cache::contract_checksum(dataset);
    contract->use = contract_use(*catalog, dataset);
    contract->source = make_source(*catalog, dataset);
    contract->policy = {.pin = dataset.pin_snapshot,
                        .skips = dataset.skip_snapshots,
                        .interval = contract->source->interval().value_or(interval)};
    contract->endpoints = std::move(endpoints[id]);
    const auto shortest = stale.find(id);
    contract->stale_minutes = shortest == stale.end() ? kDefaultStaleMinutes : shortest->second;
    project->contracts.emplace(id, std::move(contract));
  }
  project->catalog = std::move(catalog);
  return project;
}

bool supersedes(const Contract& now, const Contract& before) {
  if (&now == &before) return false;
  return now.dataset->origin != before.dataset->origin || now.use.local != before.use.local ||
         now.use.remote != before.use.remote || now.checksum != before.checksum;
}

bool wants_another_attempt(const Contract& now, const Contract& before) {
  return now.dataset->origin != before.dataset->origin || now.policy.pin != before.policy.pin ||
         now.policy.skips != before.policy.skips || now.checksum != before.checksum;
}

}  // namespace offloader::refresh
