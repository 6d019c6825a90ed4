#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "offloader/base/clock.h"
#include "offloader/jwt/key_set.h"
#include "offloader/jwt/token.h"

// JSON Web Tokens as identity.md accepts them, and in no other way. Pure: every function may be called from
// any thread, and the caller owns all values.
namespace offloader::jwt {

// What a token of one issuer must say.
struct Rules {
  std::string issuer;                 // must equal `iss`
  std::vector<std::string> audience;  // one of them must be in the audience claim
  ClaimPath audience_claim{"aud"};
  std::vector<Algorithm> algorithms;
  std::string typ;  // empty: any
  std::vector<RequiredClaim> require;
  std::chrono::seconds leeway{30};
  std::chrono::seconds max_lifetime{86400};  // from `iat` to `exp`

  friend bool operator==(const Rules&, const Rules&) = default;
};

struct Verdict {
  enum class Outcome {
    ok,
    refused,
    unknown_key,  // all else is fine, but the key set has no key with the token's `kid`, or of its kind
  };
  Outcome outcome = Outcome::refused;
  std::string_view reason{};     // why it is not ok: fixed words for the log
  std::int64_t valid_from = 0;   // if ok: Unix seconds, the leeway included
  std::int64_t valid_until = 0;  // likewise; from here on the token has expired
};

// Checks the claims, and then the signature: with the key that the token's `kid` names, or without a `kid`
// with each key that the algorithm allows. `alg` must be one that the rules list, so a token cannot choose
// another kind of check (RFC 8725, 3.1).
[[nodiscard]] Verdict verify(const Token& token, const KeySet& keys, const Rules& rules, SystemTime now);

}  // namespace offloader::jwt
