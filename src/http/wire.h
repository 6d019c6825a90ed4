#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "tls_context.h"

namespace offloader::http {

// The socket of a connection and, on a TLS port, the encryption over it. No call blocks. One that fails with
// `would_block` is repeated after the socket has become ready for what wants() says: to be read, by reading
// into arriving() and calling arrived(), or to be written. Owned by its connection; used on the thread of its
// loop only.
//
// OpenSSL encrypts for the socket directly instead of through asio::ssl::stream. A connection wakes up by
// cancelling its wait, and cancelling an operation of that stream would lose the connection.
class Wire {
 public:
  using Tcp = boost::asio::ip::tcp;
  using error_code = boost::system::error_code;

  // What the client sees when the connection is closed.
  enum class Close {
    orderly,  // the end of the TLS session and of the connection
    broken,   // the end of the connection without that of the session: what was sent is incomplete
    reset,    // a reset, even if the process is killed
  };

  // Plain if `tls` is null.
  Wire(Tcp::socket socket, std::shared_ptr<const TlsContext> tls);
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  [[nodiscard]] Tcp::socket& socket() { return socket_; }
  [[nodiscard]] bool open() const { return socket_.is_open(); }
  [[nodiscard]] bool encrypted() const { return ssl_ != nullptr; }
  // Whether the port requires client certificates.
  [[nodiscard]] bool asks_client() const { return tls_ != nullptr && tls_->asks_clients(); }

  // Takes the next step of the handshake, after `bytes` have been read into arriving(). Requires:
  // encrypted().
  void handshake(std::size_t bytes, error_code& ec);
  // Returns the verified certificate of the client. Requires: the handshake has succeeded.
  [[nodiscard]] std::optional<ClientCertificate> client_certificate() const;
  // Continues without encryption, to answer a client that does not speak TLS.
  void drop_tls() { ssl_.reset(); }

  // Returns the bytes for `space` that have arrived before, which only encrypted connections keep; 0 if there
  // are none. `ec` is `eof` at the end of the TLS session.
  std::size_t kept(std::span<char> space, error_code& ec);
  // Returns where to read from the socket: a plain connection reads into `space` itself.
  [[nodiscard]] std::span<char> arriving(std::span<char> space);
  // Returns how many of the `bytes` that were read belong into `space`, decrypted; 0 if they are part of a
  // record. Errors as kept().
  std::size_t arrived(std::span<char> space, std::size_t bytes, error_code& ec);

  // Writes some bytes. A write that failed with would_block must be repeated with the same bytes.
  std::size_t write_some(const std::vector<boost::asio::const_buffer>& buffers, error_code& ec);
  [[nodiscard]] Tcp::socket::wait_type wants() const { return wants_; }
  // Returns whether bytes have arrived and have not been given to the connection.
  [[nodiscard]] bool has_bytes() const;

  // Ends the sending side, which completes a response that ends with the connection.
  void end_sending(error_code& ec);
  // Determines how the connection is closed, by close() or by the end of the process.
  void set_close(Close close);
  void close();

 private:
  // What OpenSSL reads, through its BIO.
  struct Incoming {
    std::unique_ptr<char[]> bytes;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  static int give(BIO* bio, char* out, int size);
  static int send(BIO* bio, const char* bytes, int size);
  static BIO_METHOD* bio_method();
  [[nodiscard]] SslPtr<SSL> session();
  [[nodiscard]] error_code failure_of(int result);

  Tcp::socket socket_;
  const std::shared_ptr<const TlsContext> tls_;
  Incoming incoming_;
  SslPtr<SSL> ssl_;
  Close close_ = Close::orderly;
  bool in_session_ = false;   // the handshake has succeeded and nothing has failed since
  bool write_waits_ = false;  // part of a record has not been sent
  Tcp::socket::wait_type wants_ = Tcp::socket::wait_write;
};

}  // namespace offloader::http
