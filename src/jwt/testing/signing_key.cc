#include "offloader/jwt/testing/signing_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>

#include "offloader/base/base64url.h"

namespace offloader::jwt::testing {
namespace {

bool is_rsa(Algorithm algorithm) {
  return algorithm < Algorithm::es256;
}
bool is_ec(Algorithm algorithm) {
  return algorithm == Algorithm::es256 || algorithm == Algorithm::es384;
}

const EVP_MD* digest_of(Algorithm algorithm) {
  if (algorithm == Algorithm::eddsa) return nullptr;
  const std::string_view bits = name_of(algorithm).substr(2);
  return bits == "256" ? EVP_sha256() : bits == "384" ? EVP_sha384() : EVP_sha512();
}

std::string number_of(EVP_PKEY* key, const char* name, int bytes = 0) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) throw std::runtime_error(name);
  std::string out(static_cast<std::size_t>(bytes > 0 ? bytes : BN_num_bytes(number)), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
  BN_free(number);
  return to_base64url(out);
}

// Converts a DER signature to R and S.
std::string raw_of(const std::string& der, int half) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* const pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::string out(static_cast<std::size_t>(2 * half), '\0');
  auto* const bytes = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(pair), bytes, half);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair), bytes + half, half);
  ECDSA_SIG_free(pair);
  return out;
}

}  // namespace

SigningKey::SigningKey(Algorithm algorithm, std::string kid, unsigned rsa_bits)
    : algorithm_(algorithm), kid_(std::move(kid)) {
  EVP_PKEY* const made = is_rsa(algorithm)               ? EVP_RSA_gen(rsa_bits)
                         : algorithm == Algorithm::es256 ? EVP_EC_gen("P-256")
                         : algorithm == Algorithm::es384 ? EVP_EC_gen("P-384")
                                                         : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (made == nullptr) throw std::runtime_error("cannot make a key");
  key_ = std::shared_ptr<evp_pkey_st>(made, &EVP_PKEY_free);
}

std::string SigningKey::jwk(const std::string& more) const {
  std::string out = "{";
  if (!kid_.empty()) out += R"("kid":")" + kid_ + "\",";
  if (is_rsa(algorithm_)) {
    out += R"("kty":"RSA","n":")" + number_of(key_.get(), OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
           number_of(key_.get(), OSSL_PKEY_PARAM_RSA_E) + "\"";
  } else if (is_ec(algorithm_)) {
    const int bytes = algorithm_ == Algorithm::es256 ? 32 : 48;
    out += R"("kty":"EC","crv":")" + std::string(bytes == 32 ? "P-256" : "P-384") + R"(","x":")" +
           number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, bytes) + R"(","y":")" +
           number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, bytes) + "\"";
  } else {
    std::string x(32, '\0');
    std::size_t length = x.size();
    EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(x.data()), &length);
    out += R"("kty":"OKP","crv":"Ed25519","x":")" + to_base64url(x) + "\"";
  }
  return out + more + "}";
}

std::string SigningKey::header(const std::string& more) const {
  std::string out = R"({"alg":")" + std::string(name_of(algorithm_)) + "\"";
  if (!kid_.empty()) out += R"(,"kid":")" + kid_ + "\"";
  return out + more + "}";
}

std::string SigningKey::sign(std::string_view header, std::string_view payload) const {
  const std::string text = to_base64url(header) + "." + to_base64url(payload);
  return text + "." + to_base64url(signature_of(text));
}

std::string SigningKey::signature_of(std::string_view text) const {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* options = nullptr;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t length = 0;
  EVP_DigestSignInit(context.get(), &options, digest_of(algorithm_), nullptr, key_.get());
  if (name_of(algorithm_).starts_with("PS")) {
    EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
  }
  EVP_DigestSign(context.get(), nullptr, &length, bytes, text.size());
  std::string out(length, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &length, bytes,
                     text.size()) != 1) {
    throw std::runtime_error("cannot sign");
  }
  out.resize(length);
  return is_ec(algorithm_) ? raw_of(out, algorithm_ == Algorithm::es256 ? 32 : 48) : out;
}

std::string SigningKey::public_pem() const {
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key_.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

std::string compact(std::string_view header, std::string_view payload, std::string_view signature) {
  return to_base64url(header) + "." + to_base64url(payload) + "." + to_base64url(signature);
}

}  // namespace offloader::jwt::testing
