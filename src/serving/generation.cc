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

// The endpoint in `before`, or null.
const ServedEndpoint* endpoint_in(const Generation* before, const std::string& name) {
  if (before == nullptr) return nullptr;
  const auto found = before->endpoints.find(name);
  return found == before->endpoints.end() ? nullptr : &found->second;
}

// Sets what depends on the endpoint's snapshot, as in `old` (may be null) if that has the same.
void take_snapshot(ServedEndpoint& endpoint, const ServedEndpoint* old, const Sha256& etag_key) {
  if (old != nullptr && endpoint.compiler == old->compiler && endpoint.snapshot == old->snapshot) {
    endpoint.scope = old->scope;
    endpoint.editions = old->editions;
  } else if (endpoint.snapshot) {
    endpoint.scope = scope_of(endpoint);
    endpoint.editions = editions_of(etag_key, *endpoint.snapshot);
  }
}

// Returns the endpoint over its previous snapshot. `old` is the endpoint in the last generation, or null.
std::shared_ptr<const ServedEndpoint> over_previous(const ServedEndpoint& endpoint,
                                                    std::shared_ptr<const ServedSnapshot> snapshot,
                                                    const ServedEndpoint* old, const Sha256& etag_key) {
  auto previous = std::make_shared<ServedEndpoint>();
  previous->contract = endpoint.contract;
  previous->dataset = endpoint.dataset;
  previous->compiler = endpoint.compiler;
  previous->snapshot = std::move(snapshot);
  take_snapshot(*previous, old, etag_key);
  return previous;
}

}  // namespace

std::shared_ptr<const Generation> starting_generation(const Sha256& etag_key,
                                                      std::shared_ptr<identity::KeySets> key_sets) {
  auto generation = std::make_shared<Generation>();
  generation->etag_key = etag_key;
  generation->key_sets = std::move(key_sets);
  generation->catalog = std::make_shared<const catalog::Catalog>();
  generation->principals = std::make_shared<const identity::Principals>(*generation->catalog);
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
  if (before != nullptr) next->key_sets = before->key_sets;
  next->catalog = std::move(catalog);
  next->snapshots = std::move(snapshots);
  for (const auto& [name, contract] : next->catalog->endpoints) {
    ServedEndpoint endpoint;
    endpoint.contract = &contract;
    endpoint.dataset = &next->catalog->dataset_of(contract);
    const ServedEndpoint* const old = endpoint_in(before, name);
    const bool untouched = old != nullptr && old->contract == &contract;  // implies the same catalog
    endpoint.compiler =
        untouched ? old->compiler
                  : query::make_compiler(contract, *endpoint.dataset, old ? old->compiler : nullptr);
    std::shared_ptr<const ServedSnapshot> previous;
    if (const auto found = next->snapshots.find(contract.dataset); found != next->snapshots.end()) {
      const bool remote = contract.serving_mode == catalog::ServingMode::remote_scan;
      endpoint.snapshot = remote ? found->second.remote : found->second.local;
      previous = remote ? found->second.previous_remote : found->second.previous_local;
    }
    take_snapshot(endpoint, old, next->etag_key);
    if (contract.pages_by_cursor() && endpoint.snapshot && previous)
      endpoint.previous = over_previous(endpoint, std::move(previous), old, next->etag_key);
    next->endpoints.emplace(name, std::move(endpoint));
  }
  next->in_order.reserve(next->endpoints.size());
  for (const auto& [name, endpoint] : next->endpoints) next->in_order.push_back(&endpoint);
  next->principals = before != nullptr && identity::same_principals(*before->catalog, *next->catalog)
                         ? before->principals
                         : std::make_shared<const identity::Principals>(*next->catalog, next->key_sets.get());
  return next;
}

}  // namespace offloader::serving
