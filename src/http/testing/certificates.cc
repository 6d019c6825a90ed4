#include "offloader/http/testing/certificates.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <fstream>
#include <stdexcept>

#include "tls_context.h"

namespace offloader::http::testing {
namespace {

void require(bool success) {
  if (!success) throw std::runtime_error("OpenSSL cannot make a certificate");
}

SslPtr<EVP_PKEY> new_key() {
  SslPtr<EVP_PKEY> key(EVP_EC_gen("P-256"));
  require(key != nullptr);
  return key;
}

template <typename Write>
std::string pem(Write write) {
  const SslPtr<BIO> out(BIO_new(BIO_s_mem()));
  require(out != nullptr && write(out.get()) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string certificate_pem(X509* certificate) {
  return pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

SslPtr<X509> make_certificate(const CertificateRequest& request, EVP_PKEY* key, X509* issuer,
                              EVP_PKEY* issuer_key) {
  static std::atomic<long> serial{1};
  SslPtr<X509> made(X509_new());
  require(made != nullptr && X509_set_version(made.get(), 2) == 1 &&
          ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial++) == 1 &&
          X509_gmtime_adj(X509_getm_notBefore(made.get()), request.valid_from.count()) != nullptr &&
          X509_gmtime_adj(X509_getm_notAfter(made.get()), request.valid_until.count()) != nullptr &&
          X509_set_pubkey(made.get(), key) == 1);
  const auto* name = reinterpret_cast<const unsigned char*>(request.common_name.c_str());
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8, name, -1, -1,
                                     0) == 1);
  X509* const signer = issuer == nullptr ? made.get() : issuer;
  require(X509_set_issuer_name(made.get(), X509_get_subject_name(signer)) == 1);
  extend(made.get(), signer, NID_subject_key_identifier, "hash");
  extend(made.get(), signer, NID_authority_key_identifier, "keyid:always");
  extend(made.get(), signer, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  if (issuer == nullptr) extend(made.get(), signer, NID_key_usage, "critical,keyCertSign,cRLSign");
  if (!request.names.empty()) extend(made.get(), signer, NID_subject_alt_name, request.names);
  require(X509_sign(made.get(), issuer_key, EVP_sha256()) > 0);
  return made;
}

}  // namespace

struct TestAuthority::Parts {
  SslPtr<EVP_PKEY> key = new_key();
  SslPtr<X509> certificate;
  std::string pem;
};

TestAuthority::TestAuthority(const std::string& name) : parts_(std::make_unique<Parts>()) {
  parts_->certificate =
      make_certificate({.common_name = name, .names = ""}, parts_->key.get(), nullptr, parts_->key.get());
  parts_->pem = certificate_pem(parts_->certificate.get());
}

TestAuthority::~TestAuthority() = default;

IssuedCertificate TestAuthority::issue(const CertificateRequest& request) const {
  const auto key = new_key();
  const auto made = make_certificate(request, key.get(), parts_->certificate.get(), parts_->key.get());
  return {certificate_pem(made.get()), pem([&](BIO* out) {
            return PEM_write_bio_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

const std::string& TestAuthority::certificate() const {
  return parts_->pem;
}

void replace_file(const std::filesystem::path& path, const std::string& bytes) {
  const std::filesystem::path fresh = path.string() + ".new";
  std::ofstream(fresh, std::ios::binary) << bytes;
  std::filesystem::rename(fresh, path);
}

}  // namespace offloader::http::testing
