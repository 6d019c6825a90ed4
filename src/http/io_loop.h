#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"
#include "offloader/http/server.h"

namespace offloader::http {

class Connection;

// State that all loops of one server share. Outlives them.
struct ServerState {
  ServerOptions options;
  Handler handler;
  ErrorResponse error_response;
  telemetry::Telemetry& telemetry;
  telemetry::Gauge& open_connections;
  telemetry::Counter& shed;
  std::atomic<std::size_t> connections{0};
  std::atomic<bool> draining{false};
};

// One I/O thread: an event loop, an acceptor, and the connections accepted there. Its connections keep it
// alive, because an answer may come after the server is gone. listen() and start() are called before the
// thread runs. post(), close(), open(), index() and on_this_thread() may be called on any thread; everything
// else runs on the thread of the loop.
class IoLoop : public std::enable_shared_from_this<IoLoop> {
 public:
  using Tcp = boost::asio::ip::tcp;
  using Clock = std::chrono::steady_clock;

  IoLoop(std::shared_ptr<ServerState> state, std::size_t index);
  ~IoLoop();

  // Opens the acceptor. Throws boost::system::system_error if that fails.
  void listen(const Tcp::endpoint& endpoint, bool share_port);
  [[nodiscard]] std::uint16_t port() const;
  // Starts the thread. Fails with `busy` if the system has no thread left.
  [[nodiscard]] Result<void> start();

  // Queues a task to run on the thread of the loop. Any thread; the task is dropped if the loop has been
  // closed.
  void post(std::function<void()> task);
  [[nodiscard]] bool on_this_thread() const;

  // The steps of stopping. The first two are posted: stop_accepting() closes the acceptor and idle
  // connections, and cut_all() closes all connections. close() ends the thread.
  void stop_accepting();
  void cut_all();
  void close();  // blocks; must not be called on the thread of the loop

  [[nodiscard]] ServerState& state() { return *state_; }
  // Returns how a new connection speaks TLS; null on a plain port.
  [[nodiscard]] std::shared_ptr<const TlsContext> tls() const {
    return state_->options.tls == nullptr ? nullptr : state_->options.tls->current();
  }
  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] bool stopping() const { return stopping_; }
  [[nodiscard]] std::size_t open() const { return open_.load(std::memory_order_acquire); }
  // Returns the value of the Date header, cached for a second.
  [[nodiscard]] std::string_view date();
  // Returns a deadline `after` from now, in the loop's own time. The sweep checks it once a period, so it may
  // fire late but never early.
  [[nodiscard]] Clock::time_point deadline(std::chrono::milliseconds after) const {
    return time_ + after + period_;
  }

  // Called by a connection when it ends.
  void forget(Connection* connection);

 private:
  void keep_looping();  // starts the two coroutines below, unless they are running
  boost::asio::awaitable<void> accept_connections();
  boost::asio::awaitable<void> sweep();
  void admit_guarded(Tcp::socket socket) noexcept;
  void admit(Tcp::socket socket);
  void serve(Tcp::socket socket, bool shed);
  void gave_up(bool shed);
  void tell_task_threw(std::string_view what);
  void tell_accept_failed(std::string_view error) noexcept;

  const std::shared_ptr<ServerState> state_;
  const std::size_t index_;
  const std::chrono::milliseconds period_;
  Clock::time_point swept_ = Clock::now();
  Clock::time_point time_ = swept_;  // advances by at most a period with each sweep
  std::optional<boost::asio::io_context> io_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  std::optional<Tcp::acceptor> acceptor_;
  std::optional<boost::asio::steady_timer> sweep_timer_;
  std::optional<boost::asio::steady_timer> backoff_timer_;
  std::unordered_set<Connection*> connections_;
  std::atomic<std::size_t> open_{0};  // size of connections_, for other threads
  std::size_t shedding_ = 0;
  std::uint64_t accept_failures_ = 0;  // since the last log line about them
  Clock::time_point accept_failure_logged_ = Clock::time_point::min();
  bool accepting_ = false;
  bool sweeping_ = false;
  bool stopping_ = false;
  bool closing_ = false;
  std::int64_t date_second_ = -1;
  std::string date_;
  Mutex closed_mutex_;
  bool closed_ OFFLOADER_GUARDED_BY(closed_mutex_) = false;
  Thread thread_;
};

}  // namespace offloader::http
