#include <openssl/err.h>
#include <openssl/rsa.h>

#include "offloader/jwt/key_set.h"
#include "openssl_handles.h"

namespace offloader::jwt {
namespace {

bool fits(Algorithm algorithm, KeyKind kind) {
  switch (algorithm) {
    case Algorithm::rs256:
    case Algorithm::rs384:
    case Algorithm::rs512:
    case Algorithm::ps256:
    case Algorithm::ps384:
    case Algorithm::ps512:
      return kind == KeyKind::rsa;
    case Algorithm::es256:
      return kind == KeyKind::p256;
    case Algorithm::es384:
      return kind == KeyKind::p384;
    case Algorithm::eddsa:
      return kind == KeyKind::ed25519 || kind == KeyKind::ed448;
  }
  return false;
}

// The digest of an algorithm; null for EdDSA, which has none of its own.
const char* digest_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::rs256:
    case Algorithm::ps256:
    case Algorithm::es256:
      return "SHA256";
    case Algorithm::rs384:
    case Algorithm::ps384:
    case Algorithm::es384:
      return "SHA384";
    case Algorithm::rs512:
    case Algorithm::ps512:
      return "SHA512";
    case Algorithm::eddsa:
      return nullptr;
  }
  return nullptr;
}

bool is_pss(Algorithm algorithm) {
  return algorithm == Algorithm::ps256 || algorithm == Algorithm::ps384 || algorithm == Algorithm::ps512;
}

// The exact length of a signature.
std::size_t signature_bytes(KeyKind kind, EVP_PKEY* key) {
  switch (kind) {
    case KeyKind::rsa:
      return static_cast<std::size_t>(EVP_PKEY_get_size(key));
    case KeyKind::p256:
    case KeyKind::ed25519:
      return 64;
    case KeyKind::p384:
      return 96;
    case KeyKind::ed448:
      return 114;
  }
  return 0;
}

// Converts R and S of RFC 7518, 3.4, to the DER form that OpenSSL reads. Returns an empty string if it fails.
std::string der_of(std::string_view signature) {
  const std::size_t half = signature.size() / 2;
  BigNumber r(BN_bin2bn(bytes_of(signature), static_cast<int>(half), nullptr));
  BigNumber s(BN_bin2bn(bytes_of(signature.substr(half)), static_cast<int>(half), nullptr));
  const EcdsaSignature pair(ECDSA_SIG_new());
  if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  if (length <= 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return out;
}

bool check(EVP_PKEY* key, Algorithm algorithm, std::string_view text, std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  if (!context || EVP_DigestVerifyInit_ex(context.get(), &options, digest_of(algorithm), nullptr, nullptr,
                                          key, nullptr) != 1) {
    return false;
  }
  if (is_pss(algorithm) && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
                            EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

}  // namespace

bool Key::allows(Algorithm algorithm) const {
  return fits(algorithm, kind_) && (!only_ || *only_ == algorithm);
}

bool Key::verify(Algorithm algorithm, std::string_view text, std::string_view signature) const {
  if (!allows(algorithm) || signature.size() != signature_bytes(kind_, key_.get())) return false;
  const bool ecdsa = kind_ == KeyKind::p256 || kind_ == KeyKind::p384;
  const bool valid = ecdsa ? check(key_.get(), algorithm, text, der_of(signature))
                           : check(key_.get(), algorithm, text, signature);
  if (!valid) ERR_clear_error();  // OpenSSL keeps errors for the thread until somebody reads them
  return valid;
}

}  // namespace offloader::jwt
