#include "tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client_certificate.h"
#include "offloader/base/file.h"

namespace offloader::http {
namespace {

constexpr std::uint64_t kMaxFile = 1U << 20;  // bytes

// Ephemeral keys and authenticated encryption only. TLS 1.3 has no other suites; 128 bits come first for
// both, because they are enough and cost less.
constexpr const char* kTls13Suites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kTls12Suites =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
// OpenSSL's default has larger groups too, with which a handshake costs the server far more than the client.
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr std::string_view kProtocols = "\x08http/1.1\x08http/1.0";  // as ALPN writes them, best first
constexpr std::string_view kSessionContext = "offloader";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Refuses a client that offers other protocols only, because the server could not talk to it.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, bytes_of(kProtocols), kProtocols.size(), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

// OpenSSL's default asks for the password of an encrypted key on the terminal.
int no_password(char*, int, int, void*) {
  return -1;
}

// Verifies the certificate of a client, but lets the handshake continue in any case. The result is kept with
// the session, and the routes that require a certificate answer 401.
int verify_client(X509_STORE_CTX* store, void*) {
  if (X509_verify_cert(store) <= 0 && X509_STORE_CTX_get_error(store) == X509_V_OK)
    X509_STORE_CTX_set_error(store, X509_V_ERR_UNSPECIFIED);
  ERR_clear_error();  // an error left on the queue would fail the handshake
  return 1;
}

// In the form in which the settings report a value that is not valid.
Error invalid(const std::string& setting, const std::filesystem::path& path, std::string_view problem,
              std::string_view advice) {
  return {ErrorCode::invalid_config,
          fmt::format("Invalid {} \"{}\". The file {}. Use {}.", setting, path.string(), problem, advice),
          {}};
}

Result<SslPtr<BIO>> open_pem(const std::string& setting, const std::filesystem::path& path,
                             std::string& bytes) {
  auto read = read_file(path, kMaxFile);
  if (!read) {
    return fail(invalid(setting, path, "cannot be read", "the path of a readable PEM file of at most 1 MiB"));
  }
  bytes = std::move(*read);
  return SslPtr<BIO>(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

Result<std::vector<SslPtr<X509>>> read_certificates(const std::string& setting,
                                                    const std::filesystem::path& path) {
  std::string bytes;
  auto pem = open_pem(setting, path, bytes);
  if (!pem) return fail(std::move(pem.error()));
  std::vector<SslPtr<X509>> out;
  ERR_clear_error();
  while (auto one = SslPtr<X509>(PEM_read_bio_X509(pem->get(), nullptr, no_password, nullptr)))
    out.push_back(std::move(one));
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (out.empty() || !at_end) {
    return fail(invalid(setting, path,
                        out.empty() ? "has no certificate" : "has a certificate that cannot be parsed",
                        "a PEM file with certificates"));
  }
  return out;
}

Result<SslPtr<EVP_PKEY>> read_key(const std::string& setting, const std::filesystem::path& path) {
  std::string bytes;
  auto pem = open_pem(setting, path, bytes);
  if (!pem) return fail(std::move(pem.error()));
  SslPtr<EVP_PKEY> key(PEM_read_bio_PrivateKey(pem->get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  const bool encrypted = bytes.find("ENCRYPTED") != std::string::npos;
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (key == nullptr) {
    return fail(invalid(setting, path, encrypted ? "is encrypted" : "has no private key",
                        "a PEM file with a private key that is not encrypted"));
  }
  return key;
}

// Returns the earliest end of validity: clients reject a chain as soon as a part of it has expired.
SystemTime first_expiry(const std::vector<SslPtr<X509>>& chain) {
  SystemTime first = SystemTime::max();
  for (const auto& certificate : chain) first = std::min(first, expiry_of(*certificate));
  return first;
}

}  // namespace

const char* last_ssl_error() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason == nullptr ? "unknown" : reason;
}

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const TlsFiles& files) {
  std::shared_ptr<TlsContext> made(new TlsContext);
  made->context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = made->context_.get();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(context, kTls13Suites) != 1 ||
      SSL_CTX_set_cipher_list(context, kTls12Suites) != 1 ||
      SSL_CTX_set1_groups_list(context, kGroups) != 1 ||
      SSL_CTX_set_session_id_context(context, bytes_of(kSessionContext), kSessionContext.size()) != 1) {
    return fail(ErrorCode::internal, "TLS cannot be set up", last_ssl_error());
  }
  // A client without AES hardware prefers ChaCha20; otherwise the server's order counts.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // Keep no buffers for a connection that is idle.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
  // Sessions are in the tickets of the clients only, under keys of this context.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  if (auto used = made->use_pair(files); !used) return fail(std::move(used.error()));
  if (auto used = made->use_client_ca(files); !used) return fail(std::move(used.error()));
  return made;
}

Result<void> TlsContext::use_pair(const TlsFiles& files) {
  const std::string certificate_setting = files.setting + "_CERT";
  const std::string key_setting = files.setting + "_KEY";
  auto chain = read_certificates(certificate_setting, files.certificate);
  if (!chain) return fail(std::move(chain.error()));
  auto key = read_key(key_setting, files.key);
  if (!key) return fail(std::move(key.error()));
  const bool fits = X509_check_private_key(chain->front().get(), key->get()) == 1;
  ERR_clear_error();
  if (!fits) {
    return fail(invalid(
        key_setting, files.key, "does not have the key of the certificate",
        fmt::format("the private key of {} \"{}\"", certificate_setting, files.certificate.string())));
  }
  bool used = SSL_CTX_use_certificate(context_.get(), chain->front().get()) == 1 &&
              SSL_CTX_use_PrivateKey(context_.get(), key->get()) == 1;
  for (std::size_t i = 1; used && i < chain->size(); ++i)
    used = SSL_CTX_add1_chain_cert(context_.get(), (*chain)[i].get()) == 1;
  if (!used) {
    const std::string problem = fmt::format("is not accepted ({})", last_ssl_error());
    ERR_clear_error();
    return fail(invalid(certificate_setting, files.certificate, problem,
                        "a certificate with a key of at least 2048 bits (RSA) or 256 bits (EC)"));
  }
  expires_ = first_expiry(*chain);
  return {};
}

Result<void> TlsContext::use_client_ca(const TlsFiles& files) {
  if (files.client_ca.empty()) return {};
  auto authorities = read_certificates(files.setting + "_CLIENT_CA", files.client_ca);
  if (!authorities) return fail(std::move(authorities.error()));
  X509_STORE* const store = SSL_CTX_get_cert_store(context_.get());
  // Trust exactly what the file lists, even if it lists an intermediate without its root.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  for (const auto& authority : *authorities) {
    X509_STORE_add_cert(store, authority.get());
    SSL_CTX_add_client_CA(context_.get(), authority.get());
  }
  ERR_clear_error();
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context_.get(), verify_client, nullptr);
  asks_clients_ = true;
  return {};
}

}  // namespace offloader::http
