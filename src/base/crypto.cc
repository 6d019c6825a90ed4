#include "offloader/base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <memory>
#include <vector>

namespace offloader {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view view_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

// OpenSSL 3 looks its algorithms up under a lock each time they are named: once a thread is enough. Every
// request with a key comes through here.
Sha256 sha256(std::string_view bytes) {
  struct Hasher {
    std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                         EVP_MD_free};
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  };
  thread_local const Hasher hasher;
  Sha256 digest;
  if (EVP_DigestInit_ex2(hasher.context.get(), hasher.algorithm.get(), nullptr) != 1 ||
      EVP_DigestUpdate(hasher.context.get(), bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(hasher.context.get(), digest.data(), nullptr) != 1) {
    std::abort();  // no memory: a wrong digest would open doors
  }
  return digest;
}

// Every answer that is not cached has an ETag from here, nearly always by one key: the algorithm is looked up
// and the key prepared once a thread.
Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  struct Signer {
    std::unique_ptr<EVP_MAC, void (*)(EVP_MAC*)> algorithm{EVP_MAC_fetch(nullptr, "HMAC", nullptr),
                                                           EVP_MAC_free};
    std::unique_ptr<EVP_MAC_CTX, void (*)(EVP_MAC_CTX*)> context{EVP_MAC_CTX_new(algorithm.get()),
                                                                 EVP_MAC_CTX_free};
    std::string key;
    bool keyed = false;

    bool start(std::string_view with) {
      if (keyed && key == with) return EVP_MAC_init(context.get(), nullptr, 0, nullptr) == 1;
      char name[] = "SHA256";
      const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                       OSSL_PARAM_construct_end()};
      // No key at all would mean the one before.
      static constexpr unsigned char kEmpty = 0;
      const unsigned char* start = with.empty() ? &kEmpty : bytes_of(with);
      OPENSSL_cleanse(key.data(), key.size());
      key = with;
      keyed = EVP_MAC_init(context.get(), start, with.size(), parameters) == 1;
      return keyed;
    }
    ~Signer() { OPENSSL_cleanse(key.data(), key.size()); }
  };
  thread_local Signer signer;
  Sha256 digest;
  std::size_t length = 0;
  if (!signer.start(key) || EVP_MAC_update(signer.context.get(), bytes_of(bytes), bytes.size()) != 1 ||
      EVP_MAC_final(signer.context.get(), digest.data(), &length, digest.size()) != 1 ||
      length != digest.size()) {
    std::abort();  // no memory: a wrong signature would be sent
  }
  return digest;
}

Sha256 derive_key(std::string_view master, std::string_view purpose) {
  // RFC 5869: extract under a salt of zeros, then the one block of expansion that 32 bytes take.
  const std::string salt(32, '\0');
  const Sha256 extracted = hmac_sha256(salt, master);
  std::string info(purpose);
  info.push_back('\x01');
  return hmac_sha256(view_of(extracted), info);
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out(bytes.size() * 2, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out[2 * i] = kHex[bytes[i] >> 4];
    out[2 * i + 1] = kHex[bytes[i] & 15];
  }
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_hex(std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  if (RAND_bytes(bytes.data(), static_cast<int>(count)) != 1) std::abort();
  return to_hex(bytes);
}

}  // namespace offloader
