#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/base/result.h"
#include "offloader/http/body_stream.h"
#include "offloader/http/message.h"
#include "offloader/http/tls.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::http {

// The one answer to one request. Movable; send() or stream() may be called once, on any thread. If it is
// destroyed unused, the client gets a 500 made by the server's ErrorResponse. An answer given within the
// handler, on the I/O thread, is written without posting to another thread.
class Responder {
 public:
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void send(Response response) = 0;
    virtual BodyStream stream(Response head) = 0;
    virtual void abandon() = 0;
  };

  explicit Responder(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}
  Responder(Responder&&) = default;
  Responder& operator=(Responder&&) = delete;
  Responder(const Responder&) = delete;
  ~Responder() {
    if (sink_) sink_->abandon();
  }

  // Sends the complete response.
  void send(Response response) && { std::exchange(sink_, nullptr)->send(std::move(response)); }

  // Sends the head of a response whose body is produced while it is sent. The body is chunked; for an
  // HTTP/1.0 client it ends with the connection. Requires: the body of `head` is empty, and a `trailer:` line
  // of its headers names the trailers that may follow. `gone` is cancelled if the client goes away before the
  // end of the body.
  [[nodiscard]] BodyStream stream(Response head) && {
    return std::exchange(sink_, nullptr)->stream(std::move(head));
  }

 private:
  std::shared_ptr<Sink> sink_;
};

// Answers a request. Called on the I/O thread of the connection; must not block. The request stays valid
// until the responder has been used or destroyed. `gone` is cancelled if the client goes away before the
// answer. A client that closes its sending side while it waits for an answer counts as gone; if all its
// requests are answered within the handler, it still gets every answer. If a handler throws, the request is
// answered with 500; if there is no memory even for that, the connection is closed.
using Handler =
    std::function<void(const Request& request, Responder responder, const std::shared_ptr<CancelFlag>& gone)>;

// Makes the response to a request that the connection itself refuses: status 400, 413, 414, 431, 500 or 503,
// and a message for people. Called on any I/O thread.
using ErrorResponse = std::function<Response(int status, std::string_view message)>;

struct Limits {
  std::size_t max_connections = 10000;
  // A connection whose file descriptor would be at least this is refused like one past max_connections, which
  // reserves the descriptors above for the rest of the process. 0: no bound.
  int max_descriptor = 0;
  std::size_t max_request_line = 8 << 10;
  std::size_t max_headers = 32 << 10;
  std::size_t max_body = 64 << 10;
  std::chrono::milliseconds handshake{10000};        // for the TLS handshake as a whole
  std::chrono::milliseconds idle{60000};             // between requests
  std::chrono::milliseconds request_arrival{10000};  // from the first byte of a request to its last
  std::chrono::milliseconds response_write{30000};   // for the client to read 256 KiB of its answer
};

struct ServerOptions {
  std::string name;  // of the port, for metrics and thread names: `api` or `admin`
  std::string bind = "127.0.0.1";
  std::uint16_t port = 0;   // 0: an ephemeral port
  std::size_t threads = 1;  // each with its own io_context and SO_REUSEPORT acceptor
  Limits limits;
  std::shared_ptr<const TlsCredentials> tls = nullptr;  // null: the port speaks plain HTTP
  // Returns whether the handler of a request with a body reads it (Request::body()); null: no handler does.
  // Other bodies are read and discarded before the handler is called. Called on the I/O threads; must not
  // throw.
  std::function<bool(const Request& request)> reads_body = nullptr;
  // What to do if the address cannot be used, for the error: `set X or Y`. May be empty.
  std::string remedy{};
};

// A listening port, which calls the handler on its I/O threads. Thread-safe. Destroying it stops it without
// grace.
class Server {
 public:
  virtual ~Server() = default;

  // Binds the port and starts to answer. Errors: `unavailable`, naming bind address and port, if it cannot
  // listen there; `busy` if a thread cannot be started; `internal` otherwise.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(ServerOptions options, Handler handler,
                                                             ErrorResponse error_response,
                                                             telemetry::Telemetry& telemetry);

  // Returns the port in use, the number of I/O threads, and how many connections are open.
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  [[nodiscard]] virtual std::size_t threads() const = 0;
  [[nodiscard]] virtual std::size_t connections() const = 0;

  // Queues `task` to run on I/O thread `thread`. Dropped if the server has stopped.
  virtual void post(std::size_t thread, std::function<void()> task) = 0;

  // The step before stop(): keeps accepting connections, but every response from now on says `Connection:
  // close`, so that load balancers and clients move away. Any thread; does not block.
  virtual void drain() = 0;

  // Closes the listener, after accepting the connections in its backlog, and closes idle connections. For at
  // most `grace`, requests in flight may finish, and connections that have not sent a request yet may send
  // one within half a second. Then closes what is left and joins the threads. Blocks; idempotent. Must not be
  // called on an I/O thread.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

// Raises the soft limit of the process on open files to the hard limit, because every connection is a file.
// Returns the limit in force; 0 if it cannot be read. Call once, at start.
std::size_t raise_file_limit();

}  // namespace offloader::http
