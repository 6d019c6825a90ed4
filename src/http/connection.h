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

namespace offloader::http {

// One client: reads requests, has them answered in order, writes the answers. It is itself the request that
// the handler sees, that request's body, and the sink that its responder answers to, since it has one request
// at a time. Lives on its loop's thread; send(), stream(), abandon() and read() alone may come from others.
// Its coroutine and an unused responder keep it alive.
class Connection final : public Request,
                         public RequestBody,
                         public Responder::Sink,
                         public std::enable_shared_from_this<Connection> {
 public:
  using Tcp = boost::asio::ip::tcp;

  enum class Purpose { serve, shed };  // shed: say 503 and go

  Connection(std::shared_ptr<IoLoop> loop, Tcp::socket socket, Purpose purpose);
  ~Connection() override;

  void start();

  // Says 503 to a connection that gets no object of its own, as far as its socket takes it without waiting.
  static void shed_at_once(IoLoop& loop, Tcp::socket& socket);

  // From the loop. cut() ends the connection whatever it is doing. close_if_idle(): one whose first request
  // may be on its way, or whose next one has come already, is given a moment.
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

  RequestBody* body() const override { return body_; }
  void read(std::function<void(Piece piece)> done) override;

  void send(Response response) override;
  BodyStream stream(Response head) override;
  void abandon() override;

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  // For the first request of a connection that was made just before the server stopped.
  static constexpr std::chrono::milliseconds kLastCall{500};
  template <typename T>
  using Task = boost::asio::awaitable<T>;

  Task<void> run();
  Task<bool> read_more();
  Task<bool> write_out();
  Task<bool> await_answer();
  Task<bool> await_wake();
  Task<bool> read_piece();
  Task<bool> write_stream(Length length, bool wants_trailers);
  Task<void> linger();
  void call_handler();
  void answer(Response response, std::shared_ptr<StreamBuffer> stream = nullptr);
  void wake();
  template <typename Act>
  void on_loop(Act act) noexcept;
  [[nodiscard]] bool wants_trailers() const;
  void refuse(const Refusal& refusal);
  [[nodiscard]] Response error(int status, std::string_view message) const;
  [[nodiscard]] bool coalesce_more() const;
  void finish();

  const std::shared_ptr<IoLoop> loop_;
  Tcp::socket socket_;
  const Purpose purpose_;
  std::string peer_;
  RequestReader reader_;
  ResponseQueue queue_;
  std::shared_ptr<CancelFlag> gone_;
  std::optional<Response> answer_;
  std::shared_ptr<StreamBuffer> stream_;                  // of the answer, until all of it was sent
  RequestBody* body_ = nullptr;                           // this, while the request's body is the handler's
  std::function<void(Piece piece)> read_;                 // who waits for a piece of it
  std::chrono::steady_clock::duration body_time_left_{};  // for all waits for the body
  Deadline deadline_ = Deadline::max();
  bool reading_began_ = false;  // the request that is being read has its deadline
  bool idle_ = true;            // between requests, or seeing a closed connection off
  bool waiting_ = false;        // for wake() or for the client to go, whichever comes first
  bool woken_ = false;          // since await_wake() began
  bool pending_ = false;        // the handler has the request, and has not answered
  bool done_ = false;
  bool fresh_ = true;              // no request has come yet
  std::atomic<bool> lost_{false};  // an answer could not be handed over: the next sweep cuts
};

}  // namespace offloader::http
