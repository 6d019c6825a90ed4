#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "offloader/base/testing/temporary_folder.h"
#include "offloader/http/server.h"
#include "offloader/http/testing/certificates.h"
#include "offloader/http/tls.h"
#include "tls_context.h"

// Test fixtures for TLS: the files of a port, and a client that blocks.
namespace offloader::http::test {

// The certificate files of a port, in a folder of their own.
struct PortFiles {
  explicit PortFiles(const testing::TestAuthority& authority, const testing::TestAuthority* clients = nullptr)
      : files{folder.path() / "port.pem", folder.path() / "port.key",
              clients == nullptr ? std::filesystem::path() : folder.path() / "clients.pem", "PORT_TLS"} {
    replace(authority.issue());
    if (clients != nullptr) testing::replace_file(files.client_ca, clients->certificate());
  }
  void replace(const testing::IssuedCertificate& issued) const {
    testing::replace_file(files.certificate, issued.certificate);
    testing::replace_file(files.key, issued.key);
  }
  [[nodiscard]] std::shared_ptr<TlsCredentials> load() const {
    auto loaded = TlsCredentials::load(files);
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return *loaded;
  }

  TemporaryFolder folder;
  TlsFiles files;
};

inline ServerOptions with_tls(std::shared_ptr<const TlsCredentials> tls, std::size_t threads = 1) {
  ServerOptions options;
  options.tls = std::move(tls);
  options.threads = threads;
  return options;
}

struct TlsClientOptions {
  int newest = TLS1_3_VERSION;
  std::string protocols = "\x08http/1.1";  // offered by ALPN; empty: none
  const testing::IssuedCertificate* certificate = nullptr;
  SSL_SESSION* resume = nullptr;
  int receive_buffer = 0;  // bytes; 0: the default of the system
};

// A client that trusts `authority`. Throws std::runtime_error if it cannot connect; a handshake that fails
// shows in connected().
class TlsClient {
 public:
  TlsClient(std::uint16_t port, const testing::TestAuthority& authority, const TlsClientOptions& options = {})
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_.get(), 0);  // so that old versions fail at the server
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), options.newest);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), parse(authority.certificate()).get());
    if (options.certificate != nullptr) {
      SSL_CTX_use_certificate(context_.get(), parse(options.certificate->certificate).get());
      const SslPtr<BIO> pem(BIO_new_mem_buf(options.certificate->key.data(), -1));
      const SslPtr<EVP_PKEY> key(PEM_read_bio_PrivateKey(pem.get(), nullptr, nullptr, nullptr));
      SSL_CTX_use_PrivateKey(context_.get(), key.get());
    }
    ssl_.reset(SSL_new(context_.get()));
    SSL_set1_host(ssl_.get(), "localhost");
    if (!options.protocols.empty()) {
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(options.protocols.data()),
                          static_cast<unsigned>(options.protocols.size()));
    }
    if (options.resume != nullptr) SSL_set_session(ssl_.get(), options.resume);
    if (options.receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer, sizeof options.receive_buffer);
    }
    const timeval patience{60, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    void* raw = &address;
    if (::connect(fd_, static_cast<sockaddr*>(raw), sizeof address) != 0) {
      ::close(fd_);
      throw std::runtime_error("cannot connect");
    }
    SSL_set_fd(ssl_.get(), fd_);
    ERR_clear_error();
    connected_ = SSL_connect(ssl_.get()) == 1;
  }
  ~TlsClient() { ::close(fd_); }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] SSL* ssl() const { return ssl_.get(); }
  [[nodiscard]] bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  [[nodiscard]] std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  // The serial number of the server's certificate.
  [[nodiscard]] long serial() const {
    return ASN1_INTEGER_get(X509_get0_serialNumber(SSL_get0_peer_certificate(ssl_.get())));
  }

  bool send(std::string_view bytes) {
    ERR_clear_error();
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  // Reads until the received text has `wanted`, or until the end. Returns whether it has.
  bool read_text(std::string_view wanted) {
    while (received_.find(wanted) == std::string::npos) {
      if (!read_once()) return false;
    }
    return true;
  }
  // How the server ended the connection.
  enum class End { session_closed, cut, reset };
  End read_to_end() {
    while (read_once()) {
    }
    return end_;
  }
  // Sends a request and returns the whole response, whose body has a Content-Length and ends in `last`.
  std::string exchange(std::string_view request, std::string_view last) {
    received_.clear();
    if (!send(request) || !read_text(last)) return {};
    return received_;
  }
  [[nodiscard]] const std::string& received() const { return received_; }

 private:
  static SslPtr<X509> parse(const std::string& pem) {
    const SslPtr<BIO> from(BIO_new_mem_buf(pem.data(), -1));
    return SslPtr<X509>(PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr));
  }

  bool read_once() {
    char bytes[16384];
    ERR_clear_error();
    const int count = SSL_read(ssl_.get(), bytes, sizeof bytes);
    if (count > 0) {
      received_.append(bytes, static_cast<std::size_t>(count));
      return true;
    }
    const int error = SSL_get_error(ssl_.get(), count);
    end_ = error == SSL_ERROR_ZERO_RETURN ? End::session_closed
           : error == SSL_ERROR_SYSCALL   ? End::reset
                                          : End::cut;
    return false;
  }

  int fd_;
  SslPtr<SSL_CTX> context_;
  SslPtr<SSL> ssl_;
  bool connected_ = false;
  End end_ = End::cut;
  std::string received_;
};

}  // namespace offloader::http::test
