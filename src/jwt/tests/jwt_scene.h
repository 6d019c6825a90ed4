#pragma once

#include <chrono>
#include <string>

#include "offloader/jwt/testing/signing_key.h"
#include "offloader/jwt/verify.h"

namespace offloader::jwt {

// Noon of 2026-01-01 in UTC.
inline constexpr std::int64_t kNow = 1767268800;

inline SystemTime at(std::int64_t seconds) {
  return SystemTime(std::chrono::seconds(seconds));
}

inline Rules rules_for(std::vector<Algorithm> algorithms) {
  Rules rules;
  rules.issuer = "https://id.example/";
  rules.audience = {"offloader"};
  rules.algorithms = std::move(algorithms);
  return rules;
}

// A payload that rules_for() accepts at kNow. `more` is added to its members.
inline std::string payload(const std::string& more = {}) {
  return R"({"iss":"https://id.example/","aud":"offloader","sub":"u1","iat":)" + std::to_string(kNow - 60) +
         R"(,"exp":)" + std::to_string(kNow + 600) + more + "}";
}

inline KeySet set_of(const std::string& jwks) {
  auto set = KeySet::parse(jwks);
  if (!set) throw std::runtime_error(set.error().message);
  return *set;
}

// Parses and verifies as a server does. A token that cannot be parsed is refused.
inline Verdict check(const std::string& token, const KeySet& keys, const Rules& rules,
                     std::int64_t now = kNow) {
  const auto parsed = parse_token(token);
  if (!parsed) return {Verdict::Outcome::refused, "unparsable"};
  return verify(*parsed, keys, rules, at(now));
}

inline bool accepted(const std::string& token, const KeySet& keys, const Rules& rules,
                     std::int64_t now = kNow) {
  return check(token, keys, rules, now).outcome == Verdict::Outcome::ok;
}

}  // namespace offloader::jwt
