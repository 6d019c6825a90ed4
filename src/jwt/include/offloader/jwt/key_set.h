#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/jwt/algorithm.h"

struct evp_pkey_st;

namespace offloader::jwt {

enum class KeyKind : std::uint8_t { rsa, p256, p384, ed25519, ed448 };

// The public key of a JWK (RFC 7517) that may verify signatures. Immutable; thread-safe; cheap to copy.
class Key {
 public:
  Key(std::string kid, KeyKind kind, std::optional<Algorithm> only, std::shared_ptr<evp_pkey_st> key)
      : kid_(std::move(kid)), kind_(kind), only_(only), key_(std::move(key)) {}

  [[nodiscard]] const std::string& kid() const { return kid_; }  // empty: the key has none
  [[nodiscard]] KeyKind kind() const { return kind_; }

  // Returns whether the key is of the kind that the algorithm needs, and does not name another algorithm.
  [[nodiscard]] bool allows(Algorithm algorithm) const;

  // Returns whether `signature` (raw bytes, as RFC 7518 and RFC 8037 define them) of `text` is valid. False
  // if allows() is.
  [[nodiscard]] bool verify(Algorithm algorithm, std::string_view text, std::string_view signature) const;

 private:
  std::string kid_;
  KeyKind kind_;
  std::optional<Algorithm> only_;  // the `alg` of the JWK
  std::shared_ptr<evp_pkey_st> key_;
};

// The keys of a JWK set that may verify signatures. Immutable; thread-safe.
class KeySet {
 public:
  static constexpr std::size_t kMaxBytes = 256U << 10;
  static constexpr std::size_t kMaxKeys = 100;

  // Parses a JWK set (RFC 7517, 5). Keys of another type, curve, algorithm or use are left out, as the RFC
  // demands. So are malformed and weak ones (RSA below 2048 bits, a point that is not on its curve), and
  // those with private members: whoever publishes a private key does not own it any more. Fails with
  // `invalid_config`, quoting nothing from the text, if the text is larger than kMaxBytes, has more than
  // kMaxKeys keys, names a member twice, or is no JWK set. Any thread.
  [[nodiscard]] static Result<KeySet> parse(std::string_view text);

  [[nodiscard]] const std::vector<Key>& keys() const { return keys_; }
  // How many keys were left out, and how many of those because they have private members.
  [[nodiscard]] std::size_t left_out() const { return left_out_; }
  [[nodiscard]] std::size_t exposed() const { return exposed_; }

 private:
  std::vector<Key> keys_;
  std::size_t left_out_ = 0;
  std::size_t exposed_ = 0;
};

}  // namespace offloader::jwt
