#include "offloader/serving/generation.h"

#include <algorithm>
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
std::shared_ptr<const KeyRing> make_key_ring(const Generation& generation) {
  std::vector<std::pair<Sha256, KeyGrants>> keys;
  auto names = std::make_unique<std::vector<std::string>>();
  names->reserve(generation.endpoints.size());
  for (const auto& [name, endpoint] : generation.endpoints) names->push_back(name);
  for (const catalog::Key& key : generation.catalog->keys) {
    KeyGrants grants;
    grants.key_id = key.id;
    grants.active = key.active;
    grants.fairness_class = std::hash<std::string>{}(key.tenant ? "tenant:" + *key.tenant : "key:" + key.id);
    for (const std::string& name : key.endpoints) {
      const auto found = std::lower_bound(names->begin(), names->end(), name);
      if (found == names->end() || *found != name) continue;
      Grant grant{static_cast<std::size_t>(found - names->begin()), std::nullopt};
      const ServedEndpoint& endpoint = generation.endpoint_of(grant);
      if (endpoint.contract->tenant_scoped) {
        grant.tenant = catalog::tenant_for(key, *endpoint.dataset);
        if (!grant.tenant) continue;
      }
      grants.endpoints.emplace(*found, std::move(grant));
    }
    keys.emplace_back(key.hash, std::move(grants));
  }
  return std::make_shared<const KeyRing>(std::move(keys), std::move(names));
}

std::optional<catalog::ColumnType> tenant_type(const ServedEndpoint& endpoint) {
  const auto column = endpoint.dataset->tenant_column;
  return column ? std::optional(endpoint.dataset->schema[*column].type) : std::nullopt;
}

// Whether the keys of one open in the other what they open in it.
bool same_grants(const Generation& one, const Generation& other) {
  if (one.catalog == other.catalog) return true;
  return one.catalog->keys == other.catalog->keys &&
         std::equal(one.endpoints.begin(), one.endpoints.end(), other.endpoints.begin(),
                    other.endpoints.end(), [](const auto& a, const auto& b) {
                      return a.first == b.first &&
                             a.second.contract->tenant_scoped == b.second.contract->tenant_scoped &&
                             tenant_type(a.second) == tenant_type(b.second);
                    });
}

// The endpoint in `before`, or null.
const ServedEndpoint* endpoint_in(const Generation* before, const std::string& name) {
  if (before == nullptr) return nullptr;
  const auto found = before->endpoints.find(name);
  return found == before->endpoints.end() ? nullptr : &found->second;
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
    const ServedEndpoint* const old = endpoint_in(before, name);
    const bool untouched = old != nullptr && old->contract == &contract;  // of the same catalog, then
    endpoint.compiler =
        untouched ? old->compiler
                  : query::make_compiler(contract, *endpoint.dataset, old ? old->compiler : nullptr);
    if (const auto found = next->snapshots.find(contract.dataset); found != next->snapshots.end()) {
      endpoint.snapshot = contract.serving_mode == catalog::ServingMode::remote_scan ? found->second.remote
                                                                                     : found->second.local;
    }
    if (old != nullptr && endpoint.compiler == old->compiler && endpoint.snapshot == old->snapshot) {
      endpoint.scope = old->scope;
      endpoint.editions = old->editions;
    } else if (endpoint.snapshot) {
      endpoint.scope = scope_of(endpoint);
      endpoint.editions = editions_of(next->etag_key, *endpoint.snapshot);
    }
    next->endpoints.emplace(name, std::move(endpoint));
  }
  next->in_order.reserve(next->endpoints.size());
  for (const auto& [name, endpoint] : next->endpoints) next->in_order.push_back(&endpoint);
  next->keys = before != nullptr && same_grants(*before, *next) ? before->keys : make_key_ring(*next);
  return next;
}

}  // namespace offloader::serving
