#include <openssl/err.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <tuple>

#include "connection.h"
#include "offloader/base/clock.h"

// The handshake of a TLS connection, and what it says about the client.
namespace offloader::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// Whether the handshake failed because the client sent an HTTP request.
bool spoke_http() {
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  return reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST;
}

}  // namespace

// Returns false if the handshake fails or takes longer than Limits::handshake.
asio::awaitable<bool> Connection::shake_hands() {
  deadline_ = loop_->deadline(loop_->state().options.limits.handshake);
  error_code ec;
  wire_.handshake(0, ec);
  while (ec == asio::error::would_block) {
    std::size_t received = 0;
    if (wire_.wants() == Tcp::socket::wait_read) {
      const auto to = wire_.arriving({});
      std::tie(ec, received) =
          co_await wire_.socket().async_read_some(asio::buffer(to.data(), to.size()), kAwait);
    } else {
      std::tie(ec) = co_await wire_.socket().async_wait(Tcp::socket::wait_write, kAwait);
    }
    if (ec) {
      log_refusal("the TLS handshake did not complete");
      co_return false;
    }
    wire_.handshake(received, ec);
  }
  if (!ec) {
    if (wire_.asks_client()) certificate_ = wire_.client_certificate();
    co_return true;
  }
  if (!spoke_http()) {
    log_refusal(last_ssl_error());
    co_return false;
  }
  constexpr std::string_view kSpeakTls = "this port speaks TLS: use https://";
  log_refusal(kSpeakTls);
  wire_.drop_tls();
  refuse({400, kSpeakTls});
  const bool written = co_await write_out();
  if (written) co_await linger();
  co_return false;
}

void Connection::log_refusal(std::string_view reason) const {
  loop_->state().telemetry.log().debug("a connection was refused",
                                       {{"port", std::string_view(loop_->state().options.name)},
                                        {"reason", reason},
                                        {"client", std::string_view(peer_)}});
}

// A connection may outlive the certificate, and so may a session that is resumed.
const ClientCertificate* Connection::client_certificate() const {
  return certificate_ && real_clock().now() <= certificate_->not_after ? &*certificate_ : nullptr;
}

}  // namespace offloader::http
