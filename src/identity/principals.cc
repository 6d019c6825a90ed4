#include "offloader/identity/principals.h"

#include <algorithm>
#include <functional>

#include "key_ring.h"
#include "offloader/base/ascii.h"
#include "tenant.h"

namespace offloader::identity {
namespace {

constexpr std::size_t kMaxToken = 512;  // bytes

std::vector<std::string> names_of(const catalog::Catalog& catalog) {
  std::vector<std::string> names;
  names.reserve(catalog.endpoints.size());
  for (const auto& [name, endpoint] : catalog.endpoints) names.push_back(name);
  return names;
}

// Defense in depth: the catalog's checks already reject a tenant-scoped endpoint under `auth: none`.
Principal anybody(const catalog::Catalog& catalog, const std::vector<std::string>& names) {
  Principal out;
  out.anonymous = true;
  for (std::size_t place = 0; const auto& [name, endpoint] : catalog.endpoints) {
    if (!endpoint.tenant_scoped) out.grants.emplace(names[place], Grant{place, std::nullopt});
    ++place;
  }
  return out;
}

// Defense in depth: the catalog's checks already reject a key whose tenant does not fit the tenant column of
// one of its endpoints.
Principal principal_of(const catalog::Key& key, const catalog::Catalog& catalog,
                       const std::vector<std::string>& names) {
  Principal out;
  out.id = key.id;
  out.fairness_class = std::hash<std::string>{}(key.tenant ? "tenant:" + *key.tenant : "key:" + key.id);
  for (const std::string& name : key.endpoints) {
    const auto found = std::lower_bound(names.begin(), names.end(), name);
    if (found == names.end() || *found != name) continue;
    Grant grant{static_cast<std::size_t>(found - names.begin()), std::nullopt};
    const catalog::Endpoint& endpoint = catalog.endpoints.find(name)->second;
    if (endpoint.tenant_scoped) {
      grant.tenant = tenant_of(key, catalog.dataset_of(endpoint));
      if (!grant.tenant) continue;
    }
    out.grants.emplace(*found, std::move(grant));
  }
  return out;
}

// Returns the token of a `Bearer` header, or an empty view if the header is malformed.
std::string_view bearer_token(std::string_view authorization) {
  if (!ascii::istarts_with(authorization, "bearer ")) return {};
  std::string_view token = authorization.substr(7);
  while (!token.empty() && token.front() == ' ') token.remove_prefix(1);
  if (token.size() > kMaxToken || token.find(' ') != std::string_view::npos) return {};
  return token;
}

std::optional<catalog::ColumnType> tenant_type(const catalog::Dataset& dataset) {
  if (!dataset.tenant_column) return std::nullopt;
  return dataset.schema[*dataset.tenant_column].type;
}

}  // namespace

Principals::Principals(const catalog::Catalog& catalog) : endpoints_(names_of(catalog)) {
  if (catalog.auth == catalog::AuthMode::none) anonymous_ = anybody(catalog, endpoints_);
  std::vector<KeyRing::Entry> keys;
  keys.reserve(catalog.keys.size());
  for (const catalog::Key& key : catalog.keys)
    keys.push_back({key.hash, key.active, principal_of(key, catalog, endpoints_)});
  keys_ = std::make_unique<const KeyRing>(std::move(keys));
}

Principals::~Principals() = default;

Principals::Found Principals::find(const Credentials& credentials) const {
  if (anonymous_) return {Outcome::ok, &*anonymous_};
  if (!credentials.authorization) return {Outcome::missing};
  const std::string_view token = bearer_token(*credentials.authorization);
  if (token.empty() || credentials.authorization_fields > 1) return {Outcome::malformed};
  const KeyRing::Entry* key = keys_->find(token);
  if (key == nullptr) return {Outcome::unknown};
  return {key->active ? Outcome::ok : Outcome::revoked, &key->principal};
}

bool same_principals(const catalog::Catalog& one, const catalog::Catalog& other) {
  if (&one == &other) return true;
  return one.auth == other.auth && one.keys == other.keys &&
         std::equal(one.endpoints.begin(), one.endpoints.end(), other.endpoints.begin(),
                    other.endpoints.end(), [&](const auto& a, const auto& b) {
                      return a.first == b.first && a.second.tenant_scoped == b.second.tenant_scoped &&
                             tenant_type(one.dataset_of(a.second)) == tenant_type(other.dataset_of(b.second));
                    });
}

}  // namespace offloader::identity
