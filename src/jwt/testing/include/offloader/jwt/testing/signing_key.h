#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "offloader/jwt/algorithm.h"

struct evp_pkey_st;

// Signs tokens for tests, as an identity provider does.
namespace offloader::jwt::testing {

class SigningKey {
 public:
  // Makes a new key that fits the algorithm. An empty `kid` means that neither the key nor its tokens have
  // one.
  SigningKey(Algorithm algorithm, std::string kid, unsigned rsa_bits = 2048);

  // Returns the public key as a JWK. `more` is added to its members, such as `,"use":"enc"`.
  [[nodiscard]] std::string jwk(const std::string& more = {}) const;
  // Returns a set of this key alone.
  [[nodiscard]] std::string key_set() const { return R"({"keys":[)" + jwk() + "]}"; }

  // Returns a token with the key's own header and this payload.
  [[nodiscard]] std::string sign(std::string_view payload) const { return sign(header(), payload); }
  [[nodiscard]] std::string sign(std::string_view header, std::string_view payload) const;
  // Returns the raw signature of a text.
  [[nodiscard]] std::string signature_of(std::string_view text) const;
  [[nodiscard]] std::string header(const std::string& more = {}) const;

  // The public key in PEM, which attackers have used as the secret of an HMAC.
  [[nodiscard]] std::string public_pem() const;

 private:
  Algorithm algorithm_;
  std::string kid_;
  std::shared_ptr<evp_pkey_st> key_;
};

// Returns `header.payload.signature` in base64url.
[[nodiscard]] std::string compact(std::string_view header, std::string_view payload,
                                  std::string_view signature);

}  // namespace offloader::jwt::testing
