#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/http/tls.h"

namespace offloader::http {

// The body of a request that ServerOptions::reads_body selected. It is read from the connection only when the
// handler asks for it; until then backpressure keeps it with the client. Owned by the connection.
class RequestBody {
 public:
  // A piece of the body, empty at the end; the view is valid during the callback. Errors: `too_large` past
  // Limits::max_body, `bad_request` if the body is malformed, `cancelled` if the client went away or was
  // disconnected.
  using Piece = Result<std::string_view>;

  virtual ~RequestBody() = default;

  // Reads the next piece and calls `done` once, on the I/O thread of the connection, possibly within this
  // call. May be called on any thread. Requires: no other read is pending, the body has neither ended nor
  // failed, and the responder has not been used. All reads of one body together may wait for at most
  // Limits::request_arrival; then the connection is closed.
  virtual void read(std::function<void(Piece piece)> done) = 0;
};

// Reads the whole body, bounded by Limits::max_body, and calls `done` once, as RequestBody::read() does, with
// the same errors. `body` must live until then, which holding the responder ensures.
void read_all(RequestBody& body, std::function<void(Result<std::string> body)> done);

// A parsed request. Views point into the buffers of the connection and are valid until the Responder has been
// used.
class Request {
 public:
  virtual ~Request() = default;

  [[nodiscard]] virtual std::string_view method() const = 0;  // as sent
  // In origin-form, undecoded; an absolute-form target is reduced to it.
  [[nodiscard]] virtual std::string_view target() const = 0;
  [[nodiscard]] std::string_view path() const;   // target before the first `?`, undecoded
  [[nodiscard]] std::string_view query() const;  // target after the first `?`, undecoded; empty without one

  // Returns the value of a field; the values of a repeated field are joined by ", ". Names match in any case.
  // header_count() returns how often the field occurs.
  [[nodiscard]] virtual std::optional<std::string_view> header(std::string_view name) const = 0;
  [[nodiscard]] virtual std::size_t header_count(std::string_view name) const = 0;

  // Returns the body; null unless ServerOptions::reads_body selected the request. A body that was not
  // selected has been read and discarded.
  [[nodiscard]] virtual RequestBody* body() const { return nullptr; }

  [[nodiscard]] virtual std::string_view peer() const = 0;  // IP address of the other end
  // Returns the certificate of the client, verified and not expired; null if the port does not ask for
  // certificates (TlsFiles::client_ca) or the client has none.
  [[nodiscard]] virtual const ClientCertificate* client_certificate() const { return nullptr; }
  // Returns whether the port asks for certificates and the client has none. Only probes are answered then.
  [[nodiscard]] virtual bool lacks_certificate() const { return false; }
  // Returns where the handler may keep something between the requests of a connection, which is destroyed
  // with the connection. To be used within the handler only. Null: there is no such place.
  [[nodiscard]] virtual std::shared_ptr<void>* attachment() const { return nullptr; }
  // Index of the I/O thread that reads this connection: 0 … threads-1.
  [[nodiscard]] virtual std::size_t io_thread() const = 0;
};

// A response body of several pieces, some of them shared. They are written in place, without a copy.
class Body {
 public:
  Body() = default;
  // Appends a piece that the body owns, or one that it shares. Empty and null pieces are ignored.
  void append(std::string text) { own(std::move(text)); }
  void append(std::shared_ptr<const std::string> shared);
  // Appends the pieces of another body.
  void append(Body body);
  [[nodiscard]] std::size_t size() const { return size_; }

  struct Piece {
    std::shared_ptr<const std::string> shared;  // set for a shared piece
    std::string owned;                          // used otherwise
    [[nodiscard]] std::string_view bytes() const {
      return shared ? std::string_view(*shared) : std::string_view(owned);
    }
  };
  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  void own(std::string text);
  std::vector<Piece> pieces_;
  std::size_t size_ = 0;
};

struct Response {
  int status = 200;
  // Complete header lines, each `name: value\r\n`. Must not include Content-Length, Connection or Date, which
  // the connection writes.
  std::string headers;
  Body body;
  bool close = false;  // close the connection after this response
  // Destroyed before the last 64 KiB of the response are sent, or once its connection has been closed; may be
  // null.
  std::shared_ptr<void> until_sent{};
};

// Appends one header line. CR and LF in `value` are dropped, so that it cannot start another header.
void append_header(std::string& headers, std::string_view name, std::string_view value);

}  // namespace offloader::http
