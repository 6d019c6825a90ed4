#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "io_loop.h"
#include "offloader/http/server.h"
#include "request_reader.h"
#include "response_queue.h"
#include "stream_buffer.h"
#include "wire.h"

namespace offloader::http {

// One client connection: reads requests, has them answered in order, and writes the answers. It has one
// request at a time, so it is itself the Request that the handler sees, the body of that request, and the
// sink of its responder. Its coroutine and an unused responder keep it alive. It runs on the thread of its
// loop; only send(), stream(), abandon() and read() may be called on other threads.
class Connection final : public Request,
                         public RequestBody,
                         public Responder::Sink,
                         public std::enable_shared_from_this<Connection> {
 public:
  using Tcp = boost::asio::ip::tcp;

  enum class Purpose { serve, shed };  // shed: answer 503 and close

  Connection(std::shared_ptr<IoLoop> loop, Tcp::socket socket, Purpose purpose);
  ~Connection() override;

  void start();

  // Answers 503 to a connection without making an object for it, as far as the socket takes the answer
  // without waiting. A TLS client is disconnected, because its handshake would have to be waited for.
  static void shed_at_once(IoLoop& loop, Tcp::socket& socket);

  // Called by the loop. cut() closes the connection whatever it is doing. close_if_idle() closes it if it is
  // between requests, but gives it a moment if its first request may be on the way or its next one has
  // arrived already.
  void close_if_overdue(std::chrono::steady_clock::time_point now);
  void close_if_idle();
  void cut();
  [[nodiscard]] Purpose purpose() const { return purpose_; }

  std::string_view method() const override { return reader_.head().method(); }
  std::string_view target() const override { return reader_.head().target(); }
  std::optional<std::string_view> header(std::string_view name) const override {
    return reader_.head().header(name);
  }
  std::size_t header_count(std::string_view name) const override { return reader_.head().header_count(name); }
  std::string_view peer() const override { return peer_; }
  std::size_t io_thread() const override { return loop_->index(); }
  const ClientCertificate* client_certificate() const override;
  std::shared_ptr<void>* attachment() const override { return &attachment_; }
  bool lacks_certificate() const override { return wire_.asks_client() && client_certificate() == nullptr; }

  RequestBody* body() const override { return body_; }
  void read(std::function<void(Piece piece)> done) override;

  void send(Response response) override;
  BodyStream stream(Response head) override;
  void abandon() override;

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  // How long a connection that was made just before the server stopped may take to send its first request.
  static constexpr std::chrono::milliseconds kLastCall{500};
  template <typename T>
  using Task = boost::asio::awaitable<T>;

  Task<void> run();
  Task<bool> shake_hands();
  Task<bool> receive();
  Task<bool> write_out();
  Task<bool> await_answer();
  Task<bool> await_wake();
  Task<bool> read_piece();
  Task<bool> write_stream(Length length, bool wants_trailers);
  Task<void> linger();
  bool begin_reading();
  void call_handler();
  void answer(Response response, std::shared_ptr<StreamBuffer> stream = nullptr);
  void wake();
  template <typename Act>
  void on_loop(Act act) noexcept;
  [[nodiscard]] bool wants_trailers() const;
  void refuse(const Refusal& refusal);
  void log_refusal(std::string_view reason) const;
  [[nodiscard]] Response error(int status, std::string_view message) const;
  [[nodiscard]] bool coalesce_more() const;
  void finish();

  const std::shared_ptr<IoLoop> loop_;
  Wire wire_;
  const Purpose purpose_;
  std::optional<ClientCertificate> certificate_;
  std::string peer_;
  mutable std::shared_ptr<void> attachment_;  // of the handler
  RequestReader reader_;
  ResponseQueue queue_;
  std::shared_ptr<CancelFlag> gone_;
  std::optional<Response> answer_;
  std::shared_ptr<StreamBuffer> stream_;                  // body of the answer, until all of it has been sent
  RequestBody* body_ = nullptr;                           // this, if the handler reads the body
  std::function<void(Piece piece)> read_;                 // waits for the next piece of the body
  std::chrono::steady_clock::duration body_time_left_{};  // left for waiting for the body
  Deadline deadline_ = Deadline::max();
  bool reading_began_ = false;  // the deadline of the current request has been set
  bool idle_ = true;            // between requests, or lingering before it closes
  bool waiting_ = false;        // in await_wake()
  bool woken_ = false;          // wake() has been called, and await_wake() has not noticed yet
  bool pending_ = false;        // the handler has not answered yet
  bool done_ = false;
  bool fresh_ = true;              // no request has been read yet
  std::atomic<bool> lost_{false};  // an answer could not be posted to the loop: the next sweep closes
};

}  // namespace offloader::http
