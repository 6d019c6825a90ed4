#include "offloader/base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "offloader/base/ascii.h"
#include "offloader/base/keyed_hmac.h"

namespace offloader {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view view_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// OpenSSL 3 looks up an algorithm by name under a global lock, so each thread does it only once. Every
// request with a key calls this.
Sha256 digest_of(std::string_view bytes) {
  struct Hasher {
    std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                         EVP_MD_free};
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  };
  thread_local const Hasher hasher;
  Sha256 digest;
  EVP_MD_CTX* const context = hasher.context.get();
  if (EVP_DigestInit_ex2(context, hasher.algorithm.get(), nullptr) != 1 ||
      EVP_DigestUpdate(context, bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(context, digest.data(), nullptr) != 1) {
    std::abort();  // out of memory: a wrong digest could authenticate a caller
  }
  return digest;
}

// Looks up the algorithm once a thread, as digest_of() does.
class Hmac {
 public:
  Sha256 sign(std::string_view key, std::string_view bytes) {
    set_key(key);
    return finish(bytes);
  }

  // Like sign(), but reuses the key schedule if the key is that of the previous call.
  Sha256 sign_again(const Sha256& key, std::string_view bytes) {
    if (key_ != key) {
      set_key(view_of(key));
      key_ = key;
    } else if (EVP_MAC_init(context_.get(), nullptr, 0, nullptr) != 1) {
      std::abort();
    }
    return finish(bytes);
  }

 private:
  void set_key(std::string_view key) {
    char name[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                     OSSL_PARAM_construct_end()};
    // OpenSSL keeps the previous key when given a null one.
    static constexpr unsigned char kEmpty = 0;
    const unsigned char* const start = key.empty() ? &kEmpty : bytes_of(key);
    if (EVP_MAC_init(context_.get(), start, key.size(), parameters) != 1) std::abort();
  }

  Sha256 finish(std::string_view bytes) {
    Sha256 digest;
    std::size_t length = 0;
    if (EVP_MAC_update(context_.get(), bytes_of(bytes), bytes.size()) != 1 ||
        EVP_MAC_final(context_.get(), digest.data(), &length, digest.size()) != 1 ||
        length != digest.size()) {
      std::abort();  // out of memory: a wrong signature would be sent
    }
    return digest;
  }

  std::unique_ptr<EVP_MAC, void (*)(EVP_MAC*)> algorithm_{EVP_MAC_fetch(nullptr, "HMAC", nullptr),
                                                          EVP_MAC_free};
  std::unique_ptr<EVP_MAC_CTX, void (*)(EVP_MAC_CTX*)> context_{EVP_MAC_CTX_new(algorithm_.get()),
                                                                EVP_MAC_CTX_free};
  std::optional<Sha256> key_;  // the key that `context_` holds; only sign_again() sets it
};

}  // namespace

Sha256 sha256(std::string_view bytes) {
  return digest_of(bytes);
}

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  thread_local Hmac signer;
  return signer.sign(key, bytes);
}

Sha256 keyed_hmac(const Sha256& key, std::string_view bytes) {
  thread_local Hmac signer;
  return signer.sign_again(key, bytes);
}

std::array<std::uint8_t, 16> keyed_digest(const Sha256& key, std::string_view bytes) {
  const Sha256 whole = keyed_hmac(key, bytes);
  std::array<std::uint8_t, 16> half;
  std::copy_n(whole.begin(), half.size(), half.begin());
  return half;
}

Sha256 derive_key(std::string_view master, std::string_view purpose) {
  // RFC 5869: extract with a salt of zeros, then a single expansion block, since 32 bytes need no more.
  const std::string salt(32, '\0');
  const Sha256 extracted = hmac_sha256(salt, master);
  std::string info(purpose);
  info.push_back('\x01');
  return hmac_sha256(view_of(extracted), info);
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string out;
  append_hex(out, bytes);
  return out;
}

void append_hex(std::string& out, std::span<const std::uint8_t> bytes) {
  const std::size_t before = out.size();
  out.resize(before + bytes.size() * 2);
  char* at = out.data() + before;
  for (const std::uint8_t byte : bytes) {
    *at++ = ascii::kLowerHex[byte >> 4];
    *at++ = ascii::kLowerHex[byte & 15];
  }
}

// By words: OpenSSL's CRYPTO_memcmp() takes a cycle for each byte, which counts for tokens.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  std::uint64_t differences = 0;
  std::size_t at = 0;
  for (; a.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
    std::uint64_t left = 0;
    std::uint64_t right = 0;
    std::memcpy(&left, a.data() + at, sizeof left);
    std::memcpy(&right, b.data() + at, sizeof right);
    differences |= left ^ right;
    // The compiler must not know the value, or it could leave the loop early.
    asm volatile("" : "+r"(differences));
  }
  return (differences | static_cast<unsigned>(CRYPTO_memcmp(a.data() + at, b.data() + at, a.size() - at))) ==
         0;
}

std::string random_hex(std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  if (RAND_bytes(bytes.data(), static_cast<int>(count)) != 1) std::abort();
  return to_hex(bytes);
}

}  // namespace offloader
