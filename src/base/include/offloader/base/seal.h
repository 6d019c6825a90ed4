#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/crypto.h"

namespace offloader {

// Seals texts that callers carry around and bring back: nobody else can read, change or make one. AES-256-GCM
// with a nonce that is an HMAC of the text and its bound data, so that every replica with the same master
// secret seals the same text to the same bytes. Immutable; any thread may call it.
class Seal {
 public:
  // What sealing adds to a text, in bytes.
  static constexpr std::size_t kNonce = 12;
  static constexpr std::size_t kTag = 16;

  // `purpose` separates the keys of different uses of one master secret (settings.md).
  Seal(std::string_view master, std::string_view purpose);

  // Returns nonce, ciphertext and tag. `bound` is not part of it, but opening needs the same. Aborts the
  // process if OpenSSL fails (out of memory).
  [[nodiscard]] std::string close(std::string_view text, std::string_view bound) const;

  // Returns the text; nullopt unless `sealed` was made by close() with this key and `bound`.
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed, std::string_view bound) const;

 private:
  [[nodiscard]] std::string nonce_of(std::string_view text, std::string_view bound) const;

  const Sha256 key_;
  const Sha256 nonce_key_;
};

}  // namespace offloader
