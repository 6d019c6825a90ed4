#include "wire.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "client_certificate.h"

namespace offloader::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kRecord = SSL3_RT_MAX_PLAIN_LENGTH;  // bytes that one TLS record holds

constexpr std::size_t kIncoming = 4096;  // bytes that are read at once; a request is smaller

long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

// An error left by an earlier failure on this thread would count as one of the next operation.
void forget_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

int int_size(std::size_t bytes) {
  constexpr std::size_t kMost = 1U << 30;
  return static_cast<int>(std::min(bytes, kMost));
}

}  // namespace

Wire::Wire(Tcp::socket socket, std::shared_ptr<const TlsContext> tls)
    : socket_(std::move(socket)), tls_(std::move(tls)) {
  if (tls_ != nullptr) ssl_ = session();
}

int Wire::give(BIO* bio, char* out, int size) {
  Incoming& incoming = static_cast<Wire*>(BIO_get_data(bio))->incoming_;
  BIO_clear_retry_flags(bio);
  const std::size_t taken = std::min(static_cast<std::size_t>(size), incoming.end - incoming.begin);
  if (taken == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  std::memcpy(out, incoming.bytes.get() + incoming.begin, taken);
  incoming.begin += taken;
  return static_cast<int>(taken);
}

// OpenSSL's own BIO over a descriptor raises SIGPIPE when the client is gone. The socket is asked for its
// descriptor each time: after it was closed, the number may be that of another connection.
int Wire::send(BIO* bio, const char* bytes, int size) {
  Wire& wire = *static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const ssize_t sent =
      ::send(wire.socket_.native_handle(), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

BIO_METHOD* Wire::bio_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_read(made, give);
    BIO_meth_set_write(made, send);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

// Throws std::bad_alloc.
SslPtr<SSL> Wire::session() {
  incoming_.bytes.reset(new char[kIncoming]);
  SslPtr<SSL> ssl = tls_->connection();
  BIO* const bio = BIO_new(bio_method());
  if (ssl == nullptr || bio == nullptr) {
    BIO_free(bio);
    throw std::bad_alloc();
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_accept_state(ssl.get());
  return ssl;
}

// Returns the error of a call of OpenSSL that did not succeed.
error_code Wire::failure_of(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      wants_ = Tcp::socket::wait_read;
      return asio::error::would_block;
    case SSL_ERROR_WANT_WRITE:
      wants_ = Tcp::socket::wait_write;
      return asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN:
      return asio::error::eof;
    default:  // OpenSSL must not be used for this connection any more
      in_session_ = false;
      return boost::system::errc::make_error_code(boost::system::errc::protocol_error);
  }
}

void Wire::handshake(std::size_t bytes, error_code& ec) {
  ec = {};
  incoming_.end += bytes;
  if (!open()) {
    ec = asio::error::bad_descriptor;
    return;
  }
  forget_errors();
  const int result = SSL_do_handshake(ssl_.get());
  in_session_ = result == 1;
  if (result != 1) ec = failure_of(result);
}

std::optional<ClientCertificate> Wire::client_certificate() const {
  return client_certificate_of(*ssl_);
}

std::size_t Wire::kept(std::span<char> space, error_code& ec) {
  ec = {};
  if (ssl_ == nullptr || (incoming_.begin == incoming_.end && SSL_pending(ssl_.get()) == 0)) return 0;
  if (!open() || !in_session_) {
    ec = asio::error::bad_descriptor;
    return 0;
  }
  forget_errors();
  const int result = SSL_read(ssl_.get(), space.data(), int_size(space.size()));
  if (result > 0) return static_cast<std::size_t>(result);
  ec = failure_of(result);
  if (ec == asio::error::would_block) ec = {};
  return 0;
}

std::span<char> Wire::arriving(std::span<char> space) {
  if (ssl_ == nullptr) return space;
  if (incoming_.begin == incoming_.end) incoming_.begin = incoming_.end = 0;
  return {incoming_.bytes.get() + incoming_.end, kIncoming - incoming_.end};
}

std::size_t Wire::arrived(std::span<char> space, std::size_t bytes, error_code& ec) {
  ec = {};
  if (ssl_ == nullptr) return bytes;
  incoming_.end += bytes;
  return kept(space, ec);
}

std::size_t Wire::write_some(const std::vector<asio::const_buffer>& buffers, error_code& ec) {
  if (ssl_ == nullptr) {
    return socket_.write_some(buffers, ec);
  }
  ec = {};
  if (!open() || !in_session_) {
    ec = asio::error::bad_descriptor;
    return 0;
  }
  // Gather small pieces, such as a head and its body, into one record and one system call.
  char gathered[kRecord];
  const void* from = buffers.front().data();
  std::size_t size = buffers.front().size();
  if (size < kRecord && buffers.size() > 1) {
    size = 0;
    for (const asio::const_buffer& piece : buffers) {
      const std::size_t taken = std::min(piece.size(), kRecord - size);
      std::memcpy(gathered + size, piece.data(), taken);
      size += taken;
    }
    from = gathered;
  }
  forget_errors();
  const int result = SSL_write(ssl_.get(), from, int_size(size));
  write_waits_ = result <= 0;
  if (result > 0) return static_cast<std::size_t>(result);
  ec = failure_of(result);
  return 0;
}

bool Wire::has_bytes() const {
  error_code ec;
  const bool in_kernel = socket_.available(ec) > 0;
  return (in_kernel && !ec) || incoming_.begin < incoming_.end ||
         (ssl_ != nullptr && SSL_has_pending(ssl_.get()) == 1);
}

void Wire::end_sending(error_code& ec) {
  ec = {};
  if (in_session_ && close_ == Close::orderly && open()) {
    forget_errors();
    if (const int result = SSL_shutdown(ssl_.get()); result < 0) ec = failure_of(result);
    if (ec == asio::error::would_block) return;
  }
  socket_.shutdown(Tcp::socket::shutdown_send, ec);
}

void Wire::set_close(Close close) {
  close_ = close;
  error_code ec;
  socket_.set_option(asio::socket_base::linger(close == Close::reset, 0), ec);
}

// The end of the session is sent as far as the socket takes it without waiting.
void Wire::close() {
  if (in_session_ && close_ == Close::orderly && !write_waits_ && open() &&
      (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) == 0) {
    forget_errors();
    SSL_shutdown(ssl_.get());
  }
  in_session_ = false;
  error_code ec;
  socket_.close(ec);
}

}  // namespace offloader::http
