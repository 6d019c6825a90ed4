#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/result.h"
#include "offloader/jwt/claims.h"

namespace offloader::jwt {

// A parsed but unverified token. The views point into the text that was parsed.
struct Token {
  static constexpr std::size_t kMaxBytes = 8U << 10;

  std::string algorithm;  // as written in the header
  std::optional<std::string> kid;
  std::string typ;  // empty: none
  Claims claims;
  std::string_view signed_text;  // what the signature covers
  std::string signature;         // raw bytes
};

// Returns whether the text has the shape of a JWT: three parts of base64url, the last of which may be empty.
// A cheap check without decoding.
[[nodiscard]] bool looks_like_token(std::string_view text);

// Parses a JWT in the compact serialization of RFC 7515. Fails with `unauthorized` and a fixed reason as its
// detail unless the text is at most Token::kMaxBytes long and has three parts of canonical base64url, header
// and payload are JSON objects in UTF-8 that name no member twice at any depth, and the header has an `alg`
// and no `crit`. `jku`, `jwk`, `x5u` and `x5c` are never looked at. Any thread.
[[nodiscard]] Result<Token> parse_token(std::string_view text);

}  // namespace offloader::jwt
