#include "offloader/jwt/verify.h"

#include <algorithm>

#include "offloader/base/ascii.h"

namespace offloader::jwt {
namespace {

Verdict refused(std::string_view reason) {
  return {Verdict::Outcome::refused, reason};
}

// Media types lose `application/` in headers (RFC 7515, 4.1.9) and have no case.
bool same_type(std::string_view one, std::string_view other) {
  constexpr std::string_view kPrefix = "application/";
  for (std::string_view* each : {&one, &other}) {
    if (ascii::istarts_with(*each, kPrefix)) each->remove_prefix(kPrefix.size());
  }
  return ascii::iequals(one, other);
}

// Checks everything but the signature. The outcome is ok, with the times, or refused.
Verdict check_claims(const Token& token, const Rules& rules, std::int64_t now) {
  const Claims& claims = token.claims;
  if (claims.text({"iss"}) != rules.issuer) return refused("`iss` is not the issuer");
  if (!rules.typ.empty() && !same_type(token.typ, rules.typ)) return refused("`typ` of the header differs");
  if (!claims.names_one_of(rules.audience_claim, rules.audience))
    return refused("the audience does not match");
  const auto subject = claims.text({"sub"});
  if (!subject || subject->empty()) return refused("`sub` is missing");
  const auto expires = claims.time("exp");
  const auto issued = claims.time("iat");
  if (!expires || !issued) return refused("`exp` or `iat` is missing or not a time");
  std::int64_t begins = *issued;
  if (claims.has("nbf")) {
    const auto not_before = claims.time("nbf");
    if (!not_before) return refused("`nbf` is not a time");
    begins = std::max(begins, *not_before);
  }
  const std::int64_t leeway = rules.leeway.count();
  if (*expires <= *issued) return refused("`exp` is not after `iat`");
  if (*expires - *issued > rules.max_lifetime.count()) return refused("the lifetime is too long");
  if (now >= *expires + leeway) return refused("the token has expired");
  if (now < begins - leeway) return refused("the token is not valid yet");
  for (const RequiredClaim& required : rules.require) {
    if (!claims.holds(required)) return refused("a required claim is missing or differs");
  }
  return {Verdict::Outcome::ok, {}, begins - leeway, *expires + leeway};
}

}  // namespace

Verdict verify(const Token& token, const KeySet& keys, const Rules& rules, SystemTime now) {
  const auto algorithm = parse_algorithm(token.algorithm);
  if (!algorithm ||
      std::find(rules.algorithms.begin(), rules.algorithms.end(), *algorithm) == rules.algorithms.end()) {
    return refused("the algorithm is not allowed");
  }
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  const Verdict claims = check_claims(token, rules, seconds);
  if (claims.outcome != Verdict::Outcome::ok) return claims;
  bool known = false;
  for (const Key& key : keys.keys()) {
    const bool named = token.kid && !key.kid().empty() && key.kid() == *token.kid;
    if (token.kid ? !named : !key.allows(*algorithm)) continue;
    known = true;
    if (key.verify(*algorithm, token.signed_text, token.signature)) return claims;
  }
  if (!known) return {Verdict::Outcome::unknown_key, "the key set has no key for this token"};
  return refused("the signature is not valid");
}

}  // namespace offloader::jwt
