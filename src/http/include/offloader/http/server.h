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
#include "offloader/telemetry/telemetry.h"

namespace offloader::http {

// The one answer to one request. Movable; send() or stream() from any thread, once. Dropped without an
// answer, the client gets a 500 made by the server's ErrorResponse. From the I/O thread inside the handler
// the answer is written at once, without a hop.
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

  void send(Response response) && { std::exchange(sink_, nullptr)->send(std::move(response)); }

  // Sends the head of a response whose body is made while it is sent: chunked, and to a client of HTTP/1.0 up
  // to the end of the connection. The head's own body is empty. Trailers that may come are named by a
  // `trailer:` line of its headers. `gone` is cancelled when the client goes away before the body's end.
  [[nodiscard]] BodyStream stream(Response head) && {
    return std::exchange(sink_, nullptr)->stream(std::move(head));
  }

 private:
  std::shared_ptr<Sink> sink_;
};

// Called on the connection's I/O thread; must not block. `gone` is cancelled when the client goes away before
// the answer. The request stays valid until the responder has been used or dropped. A client that closes only
// its sending side while its answer is awaited counts as gone; one whose requests are answered inside the
// handler gets all it has asked for, also after that. A handler that throws has its request answered with
// 500, and where there is no memory even for that its connection closed.
using Handler =
    std::function<void(const Request& request, Responder responder, const std::shared_ptr<CancelFlag>& gone)>;

// Makes the response for what the connection itself refuses: status 400, 408, 413, 414, 431, 500 or 503 and a
// message for people.
using ErrorResponse = std::function<Response(int status, std::string_view message)>;

struct Limits {
  std::size_t max_connections = 10000;
  // A connection whose file descriptor would be this or more is refused like one past max_connections, so
  // that whatever happens those from here to the process's limit are left to others; 0: no such bound.
  int max_descriptor = 0;
  std::size_t max_request_line = 8 << 10;
  std::size_t max_headers = 32 << 10;
  std::size_t max_body = 64 << 10;
  std::chrono::milliseconds idle{60000};             // between requests
  std::chrono::milliseconds request_arrival{10000};  // from its first byte to its last
  std::chrono::milliseconds response_write{30000};   // the client reads less than 256 KiB of its answer
};

struct ServerOptions {
  std::string name;  // of the port, for metrics and thread names: `api`, `admin`
  std::string bind = "127.0.0.1";
  std::uint16_t port = 0;   // 0: an ephemeral one
  std::size_t threads = 1;  // each its own io_context and its own SO_REUSEPORT acceptor
  Limits limits;
  // Whether the handler of a request that has a body reads it (Request::body()); null: none does. The bodies
  // of others are read and ignored before their handlers are called. On the I/O threads; must not throw.
  std::function<bool(const Request& request)> reads_body = nullptr;
};

// A listening port. The handler is called on its I/O threads.
class Server {
 public:
  virtual ~Server() = default;

  // Binds and starts to answer. `unavailable` names bind and port when they cannot be had.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(ServerOptions options, Handler handler,
                                                             ErrorResponse error_response,
                                                             telemetry::Telemetry& telemetry);

  [[nodiscard]] virtual std::uint16_t port() const = 0;
  [[nodiscard]] virtual std::size_t threads() const = 0;
  [[nodiscard]] virtual std::size_t connections() const = 0;

  // Runs `task` on I/O thread `thread` soon.
  virtual void post(std::size_t thread, std::function<void()> task) = 0;

  // The step before stop(): goes on accepting, and every response from now on says `Connection: close`, so
  // that balancers and clients move away by themselves. Any thread; does not block.
  virtual void drain() = 0;

  // Closes the listener, after taking what waits there, and idle connections; lets requests in flight finish,
  // and connections that have not sent their first one send it soon, for at most `grace`; then cuts the rest
  // and joins the threads. Blocking; idempotent.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

// Raises the process's soft limit on open files to the hard one, since every connection is a file. Returns
// the limit that holds now; 0 when it cannot be read. Call once, at start.
std::size_t raise_file_limit();

}  // namespace offloader::http
