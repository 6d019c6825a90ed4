#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "offloader/base/clock.h"
#include "offloader/base/crypto.h"
#include "offloader/catalog/catalog.h"
#include "offloader/identity/key_sets.h"
#include "offloader/identity/principal.h"
#include "offloader/identity/verified_token.h"

// Determines who is calling. Only this module turns credentials into principals; later stages learn about
// keys, tokens and tenants only from the principal (identity.md).
namespace offloader::identity {

class KeyRing;
class RecentCaller;
class TokenGrants;
class VerifiedTokens;

enum class Outcome {
  ok,
  missing,
  malformed,
  unknown,
  revoked,
  expired,     // a key outside of its lifetime
  address,     // a key that must not be used from this address
  token,       // a JWT that is not valid
  issuer,      // a JWT of an unknown issuer, or of one whose key set is not available
  unverified,  // a JWT that verify() has to check
};

// The credentials of a request. The views are read only during the call.
struct Credentials {
  std::optional<std::string_view> authorization;  // value of the header; nullopt if it was not sent
  std::size_t authorization_fields = 1;           // number of header fields that were joined into that value
  // Names of the verified client certificate, `spiffe://…` or `dns:…`; empty without one.
  std::span<const std::string> certificate_names{};
  // Returns the address of the client, or an empty text if it is not certain. Called only for a key with
  // `allowed_cidrs`, which is valid from no uncertain address.
  std::function<std::string()> client_address{};
};

// The current time of both clocks.
struct Now {
  SystemTime time{};
  SteadyTime steady{};
};

// The principals of one catalog. Immutable, but for the tokens that it remembers; owned by the generations
// that share it; called from any thread. It never fails: if a caller cannot be identified, the outcome gives
// the reason.
class Principals {
 public:
  // The largest bearer token, and the bytes of the verified tokens that are remembered.
  static constexpr std::size_t kMaxToken = jwt::Token::kMaxBytes;
  static constexpr std::size_t kMaxRemembered = 32U << 20;

  // `key_sets` fetches the key sets of issuers. Without it, only those in files of the project are available.
  explicit Principals(const catalog::Catalog& catalog, KeySets* key_sets = nullptr);
  ~Principals();
  Principals(const Principals&) = delete;
  Principals& operator=(const Principals&) = delete;

  struct Found {
    Outcome outcome = Outcome::unknown;
    std::shared_ptr<const Principal>
        principal{};            // set if ok, revoked, expired or address; valid as long as the Principals
    std::string_view issuer{};  // the id of the JWT's issuer, if known
    std::string_view reason{};  // why a JWT is not valid: fixed words for the log
    // Set if the outcome may be another one after a fetch of this key set.
    std::shared_ptr<IssuerKeys> fetch{};
    std::uint64_t keys_number = 0;  // of the key set that was used
  };

  // Returns the principal of a bearer token, or of the certificate if no token was sent. The token is hashed
  // first, and the hash is compared in constant time, whether the token is a valid, revoked or unknown key
  // (security.md, 2). A token that is no key and has the shape of a JWT is looked up among those verified
  // before. If it is not there, the outcome is `unverified`. Under `auth: none` every caller is the anonymous
  // principal, which may call the endpoints without a tenant. Takes a lock only for a JWT, to look it up.
  // Does not block.
  //
  // `recent` is that of the connection, or null. If its last request had the same header, the token is not
  // hashed and looked up again. Whether it is still valid is checked in any case.
  [[nodiscard]] Found find(const Credentials& credentials, const Now& now,
                           RecentCaller* recent = nullptr) const;

  // Verifies a JWT and remembers it. Takes up to a millisecond, so not for I/O threads.
  [[nodiscard]] Found verify(std::string_view token, const Now& now) const;

  // Returns the token of a `Bearer` header, or an empty view if the header is malformed.
  [[nodiscard]] static std::string_view bearer_token(std::string_view authorization);

  // Returns whether callers need no credentials (`auth: none`).
  [[nodiscard]] bool anonymous() const { return anonymous_.has_value(); }

 private:
  struct TokenIssuer;

  [[nodiscard]] std::optional<Found> find_again(const Credentials& credentials, const Now& now,
                                                const RecentCaller& recent) const;
  // Returns the principal of a key, and whether the key is valid now and from this address.
  [[nodiscard]] Found found_key(std::size_t index, std::shared_ptr<const Principal> principal,
                                const Credentials& credentials, const Now& now) const;
  [[nodiscard]] Found found_token(const VerifiedToken& token) const;
  // Returns whether a verified token is valid now, with the current key set of its issuer.
  [[nodiscard]] bool is_valid(const VerifiedToken& token, const Now& now) const;
  [[nodiscard]] std::optional<VerifiedToken> remembered(const Sha256& hash, const Now& now) const;

  const EndpointTable endpoints_;
  std::optional<Principal> anonymous_;
  std::unique_ptr<const KeyRing> keys_;
  std::vector<TokenIssuer> issuers_;
  std::unordered_map<std::string_view, std::size_t> issuer_by_name_;  // by `iss`
  std::unique_ptr<VerifiedTokens> verified_;
  const std::shared_ptr<const Principals*> self_;  // by which RecentCaller recognizes these principals
};

// Returns whether two catalogs have the same principals, so that the grants of one are valid for the other.
[[nodiscard]] bool same_principals(const catalog::Catalog& one, const catalog::Catalog& other);

}  // namespace offloader::identity
