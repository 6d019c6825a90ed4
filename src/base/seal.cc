#include "offloader/base/seal.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <limits>
#include <memory>

namespace offloader {
namespace {

struct CipherContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, CipherContextDeleter>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

// OpenSSL 3 looks up an algorithm by name under a global lock, so each thread does it only once.
const EVP_CIPHER* cipher() {
  struct CipherDeleter {
    void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
  };
  thread_local const std::unique_ptr<EVP_CIPHER, CipherDeleter> fetched(
      EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  return fetched.get();
}

bool fits_int(std::string_view text) {
  return text.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max());
}

}  // namespace

Seal::Seal(std::string_view master, std::string_view purpose)
    : key_(derive_key(master, purpose)), nonce_key_(derive_key(master, std::string(purpose) + " nonce")) {}

std::string Seal::nonce_of(std::string_view text, std::string_view bound) const {
  // With its length, so that no other pair gives the same bytes.
  std::string bytes = std::to_string(bound.size()) + ":";
  bytes.append(bound).append(text);
  const Sha256 digest =
      hmac_sha256({reinterpret_cast<const char*>(nonce_key_.data()), nonce_key_.size()}, bytes);
  return {reinterpret_cast<const char*>(digest.data()), kNonce};
}

std::string Seal::close(std::string_view text, std::string_view bound) const {
  std::string sealed = nonce_of(text, bound);
  const CipherContext context(EVP_CIPHER_CTX_new());
  std::string out(text.size(), '\0');
  std::string tag(kTag, '\0');
  int length = 0;
  const bool done =
      context != nullptr && fits_int(text) && fits_int(bound) &&
      EVP_EncryptInit_ex2(context.get(), cipher(), key_.data(), bytes_of(sealed), nullptr) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &length, bytes_of(bound), static_cast<int>(bound.size())) ==
          1 &&
      EVP_EncryptUpdate(context.get(), bytes_of(out), &length, bytes_of(text),
                        static_cast<int>(text.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), nullptr, &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTag), tag.data()) == 1;
  if (!done) std::abort();
  return sealed.append(out).append(tag);
}

std::optional<std::string> Seal::open(std::string_view sealed, std::string_view bound) const {
  if (sealed.size() < kNonce + kTag || !fits_int(sealed) || !fits_int(bound)) return std::nullopt;
  const std::string_view nonce = sealed.substr(0, kNonce);
  const std::string_view text = sealed.substr(kNonce, sealed.size() - kNonce - kTag);
  std::string tag(sealed.substr(sealed.size() - kTag));
  const CipherContext context(EVP_CIPHER_CTX_new());
  std::string out(text.size(), '\0');
  int length = 0;
  if (context == nullptr ||
      EVP_DecryptInit_ex2(context.get(), cipher(), key_.data(), bytes_of(nonce), nullptr) != 1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &length, bytes_of(bound), static_cast<int>(bound.size())) !=
          1 ||
      EVP_DecryptUpdate(context.get(), bytes_of(out), &length, bytes_of(text),
                        static_cast<int>(text.size())) != 1) {
    std::abort();  // out of memory
  }
  const bool authentic =
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTag), tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), nullptr, &length) == 1;
  // Another nonce would open nothing; the comparison keeps one spelling for each text.
  if (!authentic || !equal_in_constant_time(nonce_of(out, bound), nonce)) return std::nullopt;
  return out;
}

}  // namespace offloader
