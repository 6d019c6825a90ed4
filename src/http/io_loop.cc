#include "io_loop.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <ctime>
#include <exception>
#include <vector>

#include "connection.h"

namespace offloader::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr int kBacklog = 4096;
constexpr std::chrono::milliseconds kAcceptBackoff{100};
constexpr std::chrono::seconds kAcceptLogPause{10};
// Bounds how much unsent data the kernel buffers. Without it, a client that does not read costs megabytes
// that no budget counts. Data in flight does not count as unsent.
constexpr int kMaxUnsent = 256 << 10;
// How many connections may be waited for while they read their 503. Beyond that, a connection is sent its 503
// and closed without waiting.
constexpr std::size_t kMaxShedding = 64;

using SharePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
using MaxUnsent = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

thread_local const IoLoop* current_loop = nullptr;

// Returns how often deadlines are checked: a tenth of the shortest limit, within 5 to 500 ms.
std::chrono::milliseconds sweep_period(const Limits& limits) {
  const auto shortest =
      std::min({limits.idle, limits.handshake, limits.request_arrival, limits.response_write});
  return std::clamp(shortest / 10, std::chrono::milliseconds(5), std::chrono::milliseconds(500));
}

}  // namespace

IoLoop::IoLoop(std::shared_ptr<ServerState> state, std::size_t index)
    : state_(std::move(state)), index_(index), period_(sweep_period(state_->options.limits)) {
  io_.emplace(1);
  work_.emplace(io_->get_executor());
}

IoLoop::~IoLoop() = default;

void IoLoop::listen(const Tcp::endpoint& endpoint, bool share_port) {
  acceptor_.emplace(*io_);
  acceptor_->open(endpoint.protocol());
  acceptor_->set_option(Tcp::acceptor::reuse_address(true));
  if (share_port) acceptor_->set_option(SharePort(true));
  // Accepted connections inherit the option. A kernel that does not know it keeps its own bounds.
  error_code not_known;
  acceptor_->set_option(MaxUnsent(kMaxUnsent), not_known);
  acceptor_->bind(endpoint);
  acceptor_->listen(kBacklog);
}

std::uint16_t IoLoop::port() const {
  return acceptor_->local_endpoint().port();
}

Result<void> IoLoop::start() {
  sweep_timer_.emplace(*io_);
  backoff_timer_.emplace(*io_);
  const std::string name = state_->options.name + "-io-" + std::to_string(index_);
  // Restart without a pause, because other connections are waiting.
  return thread_.start({.name = name,
                        .report = [this](std::string_view what) { tell_task_threw(what); },
                        .after = Thread::AfterEscape::restart,
                        .pause = std::chrono::milliseconds(0)},
                       [this] {
                         current_loop = this;
                         keep_looping();
                         io_->run();
                       });
}

void IoLoop::post(std::function<void()> task) {
  const MutexLock lock(closed_mutex_);
  if (!closed_) asio::post(*io_, std::move(task));
}

bool IoLoop::on_this_thread() const {
  return current_loop == this;
}

// An exception that ends one of the coroutines is rethrown from run(). The thread reports it and calls this
// again.
void IoLoop::keep_looping() {
  const auto ends = [](bool& looping) {
    return [&looping](const std::exception_ptr& escaped) {
      looping = false;
      if (escaped) std::rethrow_exception(escaped);
    };
  };
  if (!accepting_) asio::co_spawn(*io_, accept_connections(), ends(accepting_));
  accepting_ = true;
  if (!sweeping_) asio::co_spawn(*io_, sweep(), ends(sweeping_));
  sweeping_ = true;
}

asio::awaitable<void> IoLoop::accept_connections() {
  while (!stopping_) {
    error_code failure;
    try {
      auto [ec, socket] = co_await acceptor_->async_accept(kAwait);
      if (!ec) {
        admit_guarded(std::move(socket));
        continue;
      }
      failure = ec;
    } catch (const std::exception&) {
      failure = asio::error::no_memory;
    }
    if (stopping_) co_return;
    if (failure == asio::error::connection_aborted) continue;
    // Out of file descriptors or memory. The connection stays in the backlog, so retry a little later.
    tell_accept_failed(failure.message());
    backoff_timer_->expires_after(kAcceptBackoff);
    co_await backoff_timer_->async_wait(kAwait);
  }
}

void IoLoop::tell_task_threw(std::string_view what) {
  state_->telemetry.log().error("a task on an I/O thread threw an exception", {{"detail", what}});
}

// Rate-limited, because accepting fails ten times a second while the cause lasts.
void IoLoop::tell_accept_failed(std::string_view error) noexcept try {
  ++accept_failures_;
  const auto now = Clock::now();
  if (accept_failure_logged_ != Clock::time_point::min() && now - accept_failure_logged_ < kAcceptLogPause)
    return;
  accept_failure_logged_ = now;
  state_->telemetry.log().warning("a connection could not be accepted",
                                  {{"port", std::string_view(state_->options.name)},
                                   {"error", error},
                                   {"times", std::exchange(accept_failures_, 0)}});
} catch (...) {  // NOLINT(bugprone-empty-catch): no memory to say so
}

// If a connection cannot be admitted, it is dropped and the next one is accepted.
void IoLoop::admit_guarded(Tcp::socket socket) noexcept {
  run_guarded([this](std::string_view what) { tell_accept_failed(what); }, [&] { admit(std::move(socket)); });
}

void IoLoop::admit(Tcp::socket socket) {
  const Limits& limits = state_->options.limits;
  const bool past_descriptors = limits.max_descriptor > 0 && socket.native_handle() >= limits.max_descriptor;
  const bool shed = state_->connections.fetch_add(1, std::memory_order_acq_rel) >= limits.max_connections ||
                    past_descriptors;
  if (shed) {
    state_->connections.fetch_sub(1, std::memory_order_acq_rel);
    state_->shed.add();
    // A connection that is waited for keeps its descriptor meanwhile.
    if (past_descriptors || shedding_ >= kMaxShedding) return Connection::shed_at_once(*this, socket);
    ++shedding_;
  } else {
    state_->open_connections.add(1);
  }
  serve(std::move(socket), shed);
}

// If memory runs out, the connection is dropped without a trace.
void IoLoop::serve(Tcp::socket socket, bool shed) {
  std::shared_ptr<Connection> connection;
  try {
    const auto purpose = shed ? Connection::Purpose::shed : Connection::Purpose::serve;
    connection = std::make_shared<Connection>(shared_from_this(), std::move(socket), purpose);
    connections_.insert(connection.get());
    open_.store(connections_.size(), std::memory_order_release);
    connection->start();
  } catch (...) {
    if (connection != nullptr && connections_.contains(connection.get())) return forget(connection.get());
    gave_up(shed);
  }
}

void IoLoop::gave_up(bool shed) {
  if (shed) {
    --shedding_;
  } else {
    state_->connections.fetch_sub(1, std::memory_order_acq_rel);
    state_->open_connections.add(-1);
  }
}

void IoLoop::forget(Connection* connection) {
  if (connections_.erase(connection) == 0) return;
  gave_up(connection->purpose() == Connection::Purpose::shed);
  open_.store(connections_.size(), std::memory_order_release);
}

asio::awaitable<void> IoLoop::sweep() {
  while (!closing_) {
    sweep_timer_->expires_after(period_);
    const auto [ec] = co_await sweep_timer_->async_wait(kAwait);
    if (ec) co_return;
    // While the loop is held up, no connection can meet its deadline, so that time does not count.
    const auto now = Clock::now();
    time_ += std::min<Clock::duration>(now - swept_, period_);
    swept_ = now;
    for (Connection* connection : connections_) connection->close_if_overdue(time_);
  }
}

std::string_view IoLoop::date() {
  const std::time_t second = std::time(nullptr);
  if (second != date_second_) {
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm utc{};
    gmtime_r(&second, &utc);
    char text[64];
    const int size = std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   kDays[utc.tm_wday], utc.tm_mday, kMonths[utc.tm_mon], utc.tm_year + 1900,
                                   utc.tm_hour, utc.tm_min, utc.tm_sec);
    date_.assign(text, static_cast<std::size_t>(std::max(size, 0)));
    date_second_ = second;
  }
  return date_;
}

void IoLoop::stop_accepting() {
  stopping_ = true;
  // Closing the listener would reset the connections in the backlog, so accept them first.
  error_code ec;
  acceptor_->non_blocking(true, ec);
  for (int i = 0; i < kBacklog && !ec; ++i) {
    Tcp::socket socket(*io_);
    acceptor_->accept(socket, ec);
    if (!ec) admit_guarded(std::move(socket));
  }
  acceptor_->close(ec);
  backoff_timer_->cancel();
  for (Connection* connection : connections_) connection->close_if_idle();
}

void IoLoop::cut_all() {
  for (Connection* connection : connections_) connection->cut();
}

void IoLoop::close() {
  post([this] {
    // Cancelling alone is not enough: the timer may have expired already, with its handler next in the queue.
    closing_ = true;
    sweep_timer_->cancel();
    work_.reset();
  });
  thread_.join();
  {
    const MutexLock lock(closed_mutex_);
    closed_ = true;
  }
  // Tasks posted after the last handler ran hold connections, which hold this loop. Destroying the io_context
  // frees them.
  work_.reset();
  acceptor_.reset();
  sweep_timer_.reset();
  backoff_timer_.reset();
  io_.reset();
}

}  // namespace offloader::http
