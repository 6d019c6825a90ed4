#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <string_view>
#include <vector>

#include "offloader/base/base64url.h"
#include "offloader/base/freed.h"
#include "provider_answers.h"

namespace offloader::credentials {
namespace {

using Bio = std::unique_ptr<BIO, Freed<&BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<&EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<&EVP_MD_CTX_free>>;

}  // namespace

Result<std::string> signed_jwt(const std::string& header, const std::string& claims,
                               const std::string& private_key_pem) {
  const auto bad = [] {
    return fail(
        ErrorCode::unauthorized,
        "cannot sign with the service account's private key: it must be an unencrypted RSA key in PEM "
        "format");
  };
  const Bio bio(BIO_new_mem_buf(private_key_pem.data(), static_cast<int>(private_key_pem.size())));
  // OpenSSL would ask on the terminal for the pass phrase of an encrypted key. Passing an empty one makes it
  // fail instead.
  char nothing[] = "";
  const Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nothing) : nullptr);
  if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) return bad();
  const std::string text = to_base64url(header) + "." + to_base64url(claims);
  const Digest digest(EVP_MD_CTX_new());
  std::size_t length = 0;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (!digest || EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(digest.get(), nullptr, &length, bytes, text.size()) != 1) {
    return bad();
  }
  std::string signature(length, '\0');
  if (EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, bytes,
                     text.size()) != 1) {
    return bad();
  }
  signature.resize(length);
  return text + "." + to_base64url(signature);
}

}  // namespace offloader::credentials
