#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/catalog/catalog.h"
#include "offloader/identity/principal.h"

// Who may call. This module alone turns credentials into principals; what comes after it asks no more about
// keys or tenants than the principal says (identity.md).
namespace offloader::identity {

class KeyRing;

enum class Outcome { ok, missing, malformed, unknown, revoked };

// What a request shows of its caller. Views are read during the call only.
struct Credentials {
  std::optional<std::string_view> authorization;  // the header's value; nullopt when it was not sent
  std::size_t authorization_fields = 1;           // how many header fields gave that value
};

// The principals of one catalog. Immutable, owned by the generations that share it, called from any thread
// without a lock. It cannot fail: for a caller that it cannot identify, the outcome is the reason.
class Principals {
 public:
  explicit Principals(const catalog::Catalog& catalog);
  ~Principals();
  Principals(const Principals&) = delete;
  Principals& operator=(const Principals&) = delete;

  struct Found {
    Outcome outcome = Outcome::unknown;
    const Principal* principal = nullptr;  // set when ok, and when revoked
  };

  // Looks a bearer token up. Hashes the token first and compares in constant time, whether it matches, is
  // revoked or does not exist (security.md, 2). Under `auth: none` everybody is the anonymous principal,
  // whose grants are the endpoints without a tenant.
  [[nodiscard]] Found find(const Credentials& credentials) const;

  // Whether callers need no credentials (`auth: none`).
  [[nodiscard]] bool anonymous() const { return anonymous_.has_value(); }

 private:
  const std::vector<std::string> endpoints_;  // in order; what the names in grants view
  std::optional<Principal> anonymous_;
  std::unique_ptr<const KeyRing> keys_;
};

// Whether two catalogs have the same principals: grants of one hold in the other.
[[nodiscard]] bool same_principals(const catalog::Catalog& one, const catalog::Catalog& other);

}  // namespace offloader::identity
