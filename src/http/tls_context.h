#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "offloader/http/tls.h"

namespace offloader::http {

// Deletes objects of OpenSSL.
struct SslDelete {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
template <typename T>
using SslPtr = std::unique_ptr<T, SslDelete>;

// How a port speaks TLS: one pair of certificate and key, the authorities of client certificates, and fixed
// choices of protocol. Each context has ticket keys of its own, so no session outlives it. Immutable;
// thread-safe.
class TlsContext {
 public:
  // Reads the files. Errors: `invalid_config`, naming the setting.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> make(const TlsFiles& files);

  // Returns the server's end of a new connection; null if there is no memory.
  [[nodiscard]] SslPtr<SSL> connection() const { return SslPtr<SSL>(SSL_new(context_.get())); }
  [[nodiscard]] bool asks_clients() const { return asks_clients_; }
  [[nodiscard]] SystemTime expires() const { return expires_; }

 private:
  TlsContext() = default;
  [[nodiscard]] Result<void> use_pair(const TlsFiles& files);
  [[nodiscard]] Result<void> use_client_ca(const TlsFiles& files);

  SslPtr<SSL_CTX> context_;
  bool asks_clients_ = false;
  SystemTime expires_;
};

// Returns what OpenSSL says about the last failure on this thread, for logs.
[[nodiscard]] const char* last_ssl_error();

}  // namespace offloader::http
