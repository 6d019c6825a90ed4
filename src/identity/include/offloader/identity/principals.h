#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/catalog/catalog.h"
#include "offloader/identity/principal.h"

// Determines who is calling. Only this module turns credentials into principals; later stages learn about
// keys and tenants only from the principal (identity.md).
namespace offloader::identity {

class KeyRing;

enum class Outcome { ok, missing, malformed, unknown, revoked };

// The credentials of a request. The views are read only during the call.
struct Credentials {
  std::optional<std::string_view> authorization;  // value of the header; nullopt if it was not sent
  std::size_t authorization_fields = 1;           // number of header fields that were joined into that value
};

// The principals of one catalog. Immutable; owned by the generations that share it; called from any thread
// without a lock. It never fails: if a caller cannot be identified, the outcome gives the reason.
class Principals {
 public:
  explicit Principals(const catalog::Catalog& catalog);
  ~Principals();
  Principals(const Principals&) = delete;
  Principals& operator=(const Principals&) = delete;

  struct Found {
    Outcome outcome = Outcome::unknown;
    const Principal* principal = nullptr;  // set if ok or revoked
  };

  // Returns the principal of a bearer token. The token is hashed first, and the hash is compared in constant
  // time, whether the token is valid, revoked or unknown (security.md, 2). Under `auth: none` every caller is
  // the anonymous principal, which may call the endpoints without a tenant.
  [[nodiscard]] Found find(const Credentials& credentials) const;

  // Returns whether callers need no credentials (`auth: none`).
  [[nodiscard]] bool anonymous() const { return anonymous_.has_value(); }

 private:
  const std::vector<std::string> endpoints_;  // sorted; the keys of grants point into these names
  std::optional<Principal> anonymous_;
  std::unique_ptr<const KeyRing> keys_;
};

// Returns whether two catalogs have the same principals, so that the grants of one are valid for the other.
[[nodiscard]] bool same_principals(const catalog::Catalog& one, const catalog::Catalog& other);

}  // namespace offloader::identity
