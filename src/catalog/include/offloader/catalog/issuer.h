#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/crypto.h"
#include "offloader/catalog/limits.h"
#include "offloader/jwt/verify.h"

namespace offloader::catalog {

// An issuer of JWTs (identity.md, "JWT"): which of its tokens are valid, and what they may do.
struct Issuer {
  std::string id;
  jwt::Rules rules;
  std::string jwks;                         // URL of the key set, or its file relative to the project
  std::shared_ptr<const jwt::KeySet> keys;  // of the file; null if `jwks` is a URL
  Sha256 keys_hash{};                       // of the file
  jwt::ClaimPath tenant_claim{};            // empty: its tokens have no tenant
  jwt::ClaimPath endpoints_claim{};         // empty: each token may call `endpoints`
  std::string endpoints_prefix;             // cut off the entries of that claim
  std::optional<std::vector<std::string>> endpoints;  // the most that a token may call; nullopt: all
  std::optional<std::vector<std::string>> tenants;    // the tenants that a token may have; nullopt: any
  SharedLimits limits{};                              // of each subject

  [[nodiscard]] bool fetches_keys() const { return keys == nullptr; }

  friend bool operator==(const Issuer& a, const Issuer& b) {
    return a.id == b.id && a.rules == b.rules && a.jwks == b.jwks && a.fetches_keys() == b.fetches_keys() &&
           a.keys_hash == b.keys_hash && a.tenant_claim == b.tenant_claim &&
           a.endpoints_claim == b.endpoints_claim && a.endpoints_prefix == b.endpoints_prefix &&
           a.endpoints == b.endpoints && a.tenants == b.tenants && a.limits == b.limits;
  }
};

}  // namespace offloader::catalog
