#include "offloader/serving/generation.h"

#include <set>
#include <utility>

namespace offloader::serving {

namespace {

void append_sized(std::string& out, std::string_view part) {
  out.append(std::to_string(part.size())).push_back(':');
  out.append(part);
}

Sha256 scope_of(const ServedEndpoint& endpoint) {
  std::string parts;
  append_sized(parts, endpoint.compiler->fingerprint());
  append_sized(parts, endpoint.snapshot->fingerprint);
  return sha256(parts);
}

// Keys with what they open. An endpoint of a tenant column that the key's tenant does not fit is not granted:
// such a catalog has a finding, and this is the second door.
std::unique_ptr<const KeyRing> make_key_ring(const Generation& generation) {
  std::vector<std::pair<Sha256, KeyGrants>> keys;
  for (const catalog::Key& key : generation.catalog->keys) {
    KeyGrants grants;
    grants.key_id = key.id;
    grants.active = key.active;
    grants.fairness_class = std::hash<std::string>{}(key.tenant ? "tenant:" + *key.tenant : "key:" + key.id);
    for (const std::string& name : key.endpoints) {
      const auto endpoint = generation.endpoints.find(name);
      if (endpoint == generation.endpoints.end()) continue;
      Grant grant{&endpoint->second, std::nullopt};
      if (endpoint->second.contract->tenant_scoped) {
        grant.tenant = catalog::tenant_for(key, *endpoint->second.dataset);
        if (!grant.tenant) continue;
      }
      grants.endpoints.emplace(endpoint->first, std::move(grant));
    }
    keys.emplace_back(key.hash, std::move(grants));
  }
  return std::make_unique<const KeyRing>(std::move(keys));
}

}  // namespace

std::shared_ptr<const Generation> starting_generation(const Sha256& etag_key) {
  auto generation = std::make_shared<Generation>();
  generation->etag_key = etag_key;
  generation->catalog = std::make_shared<const catalog::Catalog>();
  generation->keys = make_key_ring(*generation);
  return generation;
}

std::vector<std::string> Generation::waiting() const {
  std::set<std::string, std::less<>> missing;
  std::set<std::string_view> used;
  for (const auto& [name, endpoint] : endpoints) {
    used.insert(endpoint.contract->dataset);
    if (!endpoint.snapshot) missing.insert(endpoint.contract->dataset);
  }
  for (const auto& [id, dataset] : catalog->datasets) {
    if (used.contains(id)) continue;
    const auto found = snapshots.find(id);
    if (found == snapshots.end() || !found->second.local) missing.insert(id);
  }
  return {missing.begin(), missing.end()};
}

std::shared_ptr<const Generation> make_generation(
    std::shared_ptr<const catalog::Catalog> catalog,
    std::map<std::string, DatasetSnapshots, std::less<>> snapshots, const Generation* before) {
  auto next = std::make_shared<Generation>();
  next->number = before == nullptr ? 1 : before->number + 1;
  if (before != nullptr) next->etag_key = before->etag_key;
  next->catalog = std::move(catalog);
  next->snapshots = std::move(snapshots);
  for (const auto& [name, contract] : next->catalog->endpoints) {
    ServedEndpoint endpoint;
    endpoint.contract = &contract;
    endpoint.dataset = &next->catalog->dataset_of(contract);
    endpoint.compiler = query::make_compiler(contract, *endpoint.dataset);
    if (before != nullptr) {
      const auto old = before->endpoints.find(name);
      if (old != before->endpoints.end() &&
          old->second.compiler->fingerprint() == endpoint.compiler->fingerprint()) {
        endpoint.compiler = old->second.compiler;
      }
    }
    if (const auto found = next->snapshots.find(contract.dataset); found != next->snapshots.end()) {
      endpoint.snapshot = contract.serving_mode == catalog::ServingMode::remote_scan ? found->second.remote
                                                                                     : found->second.local;
    }
    if (endpoint.snapshot) {
      endpoint.scope = scope_of(endpoint);
      endpoint.editions = editions_of(next->etag_key, *endpoint.snapshot);
    }
    next->endpoints.emplace(name, std::move(endpoint));
  }
  next->keys = make_key_ring(*next);
  return next;
}

}  // namespace offloader::serving
