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

namespace offloader::http {

// The body of a request that ServerOptions::reads_body chose. It is read from the connection when the handler
// asks for it; until then it stays with the client.
class RequestBody {
 public:
  // A piece of the body, empty at its end; the view is valid during the call. Errors: `too_large` past
  // Limits::max_body, `bad_request` where it is malformed, `cancelled` when the client went away or was cut.
  using Piece = Result<std::string_view>;

  virtual ~RequestBody() = default;

  // Calls `done` once, on the connection's I/O thread, from within or later. Any thread; one at a time, until
  // the end or an error, and before the responder has been used. All waits for one body take
  // Limits::request_arrival at most, then the connection is cut.
  virtual void read(std::function<void(Piece piece)> done) = 0;
};

// Reads the whole body, bounded by Limits::max_body, and calls `done` like RequestBody::read() does. `body`
// lives until then, as it does while the responder is held.
void read_all(RequestBody& body, std::function<void(Result<std::string> body)> done);

// A request, parsed. Views point into the connection's buffers and live until the Responder has been used.
class Request {
 public:
  virtual ~Request() = default;

  [[nodiscard]] virtual std::string_view method() const = 0;  // as sent
  [[nodiscard]] virtual std::string_view target()
      const = 0;                                 // as sent, origin-form (an absolute-form is reduced to it)
  [[nodiscard]] std::string_view path() const;   // of the target, undecoded, without `?`
  [[nodiscard]] std::string_view query() const;  // after the first `?`, undecoded; empty without one

  // The field's value; of a repeated field the values joined by ", ". Names in any case.
  [[nodiscard]] virtual std::optional<std::string_view> header(std::string_view name) const = 0;
  [[nodiscard]] virtual std::size_t header_count(std::string_view name) const = 0;

  // The body; null where it was none of the handler's, and has been read and ignored.
  [[nodiscard]] virtual RequestBody* body() const { return nullptr; }

  [[nodiscard]] virtual std::string_view peer() const = 0;  // address of the other end
  [[nodiscard]] virtual std::size_t io_thread()
      const = 0;  // 0 … io_threads-1: which loop reads this connection
};

// A body of several pieces, some of them shared: written as they lie, without a copy.
class Body {
 public:
  Body() = default;
  void append(std::string text) { own(std::move(text)); }
  void append(std::shared_ptr<const std::string> shared);
  [[nodiscard]] std::size_t size() const { return size_; }

  struct Piece {
    std::shared_ptr<const std::string> shared;  // either this
    std::string owned;                          // or this
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
  // Complete header lines, each `name: value\r\n`; never Content-Length, Connection or Date, which the
  // connection writes.
  std::string headers;
  Body body;
  bool close = false;  // close the connection after this response
};

// Appends one header line. `value` must hold no CR or LF: others are dropped.
void append_header(std::string& headers, std::string_view name, std::string_view value);

}  // namespace offloader::http
