#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "offloader/catalog/catalog.h"
#include "offloader/identity/principal.h"

namespace offloader::identity {

// What the tokens of one issuer may do. Owned by Principals, with the table. Immutable; thread-safe.
class TokenGrants {
 public:
  TokenGrants(const catalog::Issuer& issuer, const EndpointTable& table);

  [[nodiscard]] const catalog::Issuer& issuer() const { return issuer_; }

  // Returns the principal of verified claims. Returns nullopt if the tenant claim is missing or is no tenant
  // (Claims::id), is not in Unicode NFC, is not among the issuer's tenants, or does not fit the tenant column
  // of an endpoint that the token may call, such as a number for a text column.
  [[nodiscard]] std::optional<Principal> principal_of(const jwt::Claims& claims) const;

 private:
  [[nodiscard]] std::shared_ptr<const EndpointIndices> endpoints_of(const jwt::Claims& claims) const;
  [[nodiscard]] bool set_tenant(Principal& principal, const jwt::Claims& claims) const;

  const catalog::Issuer issuer_;
  const EndpointTable& table_;
  std::shared_ptr<const EndpointIndices> ceiling_;  // null: all
  std::optional<std::set<std::string, std::less<>>> tenants_;
};

}  // namespace offloader::identity
