#include "connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace offloader::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
// Answers to pipelined requests that one write may carry.
constexpr std::size_t kMaxCoalesced = 16;
constexpr std::size_t kMaxCoalescedBytes = 256 << 10;
// For a client that still sends while it is being refused: closing on unread bytes would reset the
// connection, and the client might never see why.
constexpr std::chrono::milliseconds kLinger{1000};
constexpr std::size_t kLingerBytes = 1 << 20;
// For the first request of a connection that was made just before the server stopped.
constexpr std::chrono::milliseconds kLastCall{500};
// What a client must take of its answer within Limits::response_write to be given that time again.
constexpr std::size_t kWriteProgress = 256 << 10;

}  // namespace

Connection::Connection(std::shared_ptr<IoLoop> loop, Tcp::socket socket, Purpose purpose)
    : loop_(std::move(loop)),
      socket_(std::move(socket)),
      purpose_(purpose),
      reader_(loop_->state().options.limits) {
  error_code ec;
  const auto remote = socket_.remote_endpoint(ec);
  if (!ec) peer_ = remote.address().to_string(ec);
  socket_.non_blocking(true, ec);
  socket_.set_option(Tcp::no_delay(true), ec);
}

Connection::~Connection() = default;

void Connection::start() {
  asio::co_spawn(
      socket_.get_executor(), [self = shared_from_this()] { return self->run(); },
      [self = shared_from_this()](const std::exception_ptr& thrown) {
        self->finish();
        if (!thrown) return;
        try {
          self->loop_->state().telemetry.log().error("a connection failed by an exception");
        } catch (...) {  // NOLINT(bugprone-empty-catch): no memory to say so
        }
      });
}

void Connection::finish() {
  if (std::exchange(done_, true)) return;
  error_code ec;
  socket_.close(ec);
  loop_->forget(this);
  if (!std::exchange(pending_, false)) return;
  try {
    gone_->cancel();
  } catch (...) {  // NOLINT(bugprone-empty-catch): the flag is raised; its action fell short
  }
}

void Connection::cut() {
  error_code ec;
  socket_.close(ec);
}

void Connection::close_if_overdue(Deadline now) {
  if (now >= deadline_ || lost_.load(std::memory_order_relaxed)) cut();
}

void Connection::close_if_idle() {
  if (!idle_) return;
  deadline_ = loop_->deadline(kLastCall);
  if (fresh_) return;
  // A request that has come is answered like one in flight. What the kernel still has is awaited; what was
  // read a moment ago is not undone by cancelling the wait for more.
  error_code ec;
  if (socket_.available(ec) == 0 || ec) socket_.cancel(ec);
}

void Connection::shed_at_once(IoLoop& loop, Tcp::socket& socket) {
  error_code ec;
  socket.non_blocking(true, ec);
  ResponseQueue queue;
  Response response = loop.state().error_response(503, "too many connections");
  queue.add(std::move(response), Framing{false, true, false}, loop.date());
  if (!ec) socket.write_some(queue.buffers(), ec);
  socket.close(ec);
}

Response Connection::error(int status, std::string_view message) const {
  Response response = loop_->state().error_response(status, message);
  response.close = response.close || status != 500;
  return response;
}

// Neither throws, since threads of others call them, and destructors: without the memory to hand an answer
// over the connection ends.
void Connection::send(Response response) {
  if (loop_->on_this_thread()) return answer(std::move(response));
  try {
    loop_->post([self = shared_from_this(), moved = std::make_shared<Response>(std::move(response))] {
      self->answer(std::move(*moved));
    });
  } catch (...) {
    lost_.store(true, std::memory_order_relaxed);
  }
}

void Connection::abandon() {
  const auto fail = [](Connection& self) {
    if (self.pending_) self.answer(self.error(500, "the request was not answered"));
  };
  try {
    if (loop_->on_this_thread()) return fail(*this);
    loop_->post([self = shared_from_this(), fail] { fail(*self); });
  } catch (...) {
    lost_.store(true, std::memory_order_relaxed);
  }
}

void Connection::answer(Response response) {
  if (!std::exchange(pending_, false)) return;  // the client has gone
  answer_ = std::move(response);
  if (waiting_) {
    error_code ec;
    socket_.cancel(ec);
  }
}

void Connection::call_handler() {
  // A flag that nobody holds any more and that was never raised serves again.
  if (gone_ == nullptr || gone_.use_count() > 1 || gone_->cancelled()) {
    gone_ = std::make_shared<CancelFlag>();
  } else {
    gone_->on_cancel({});
  }
  pending_ = true;
  try {
    loop_->state().handler(*this, Responder(shared_from_this()), gone_);
  } catch (const std::exception& thrown) {
    answer(error(500, "the request failed"));
    loop_->state().telemetry.log().error("a request handler threw", {{"what", thrown.what()}});
  }
}

bool Connection::coalesce_more() const {
  return queue_.count() < kMaxCoalesced && queue_.bytes() < kMaxCoalescedBytes;
}

void Connection::refuse(const Refusal& refusal) {
  queue_.add(error(refusal.status, refusal.message), Framing{false, true, false}, loop_->date());
}

asio::awaitable<void> Connection::run() {
  const Limits& limits = loop_->state().options.limits;
  if (purpose_ == Purpose::shed) {
    refuse({503, "too many connections"});
    if (co_await write_out()) co_await linger();
    co_return;
  }
  deadline_ = loop_->deadline(limits.idle);
  for (;;) {
    const RequestReader::Progress progress = reader_.advance();
    if (progress == RequestReader::Progress::refused) {
      refuse(reader_.refusal());
      if (co_await write_out()) co_await linger();
      co_return;
    }
    if (progress != RequestReader::Progress::complete) {
      if (progress == RequestReader::Progress::send_continue) queue_.add_continue();
      if (!queue_.empty() && !co_await write_out()) co_return;
      if (!co_await read_more()) co_return;
      continue;
    }

    idle_ = fresh_ = false;
    reading_began_ = false;
    deadline_ = Deadline::max();
    call_handler();
    if (pending_ && !queue_.empty() && !co_await write_out()) co_return;
    if (!answer_ && !co_await await_answer()) co_return;

    const RequestHead& head = reader_.head();
    const bool keep_alive = head.keep_alive() && !answer_->close && !loop_->stopping() &&
                            !loop_->state().draining.load(std::memory_order_relaxed);
    queue_.add(std::move(*answer_), Framing{head.method() == "HEAD", head.http11(), keep_alive},
               loop_->date());
    answer_.reset();
    reader_.next();
    if (!keep_alive) {
      if (co_await write_out()) co_await linger();
      co_return;
    }
    if (reader_.begun() && coalesce_more()) continue;
    if (!co_await write_out()) co_return;
  }
}

// Reads some bytes of a request. False: the client is gone, or was cut.
asio::awaitable<bool> Connection::read_more() {
  const Limits& limits = loop_->state().options.limits;
  if (!reader_.begun()) {
    idle_ = true;
    reading_began_ = false;
    if (loop_->stopping() && !fresh_) co_return false;
    deadline_ = loop_->deadline(loop_->stopping() ? kLastCall : limits.idle);
  } else if (!reading_began_) {
    idle_ = false;
    reading_began_ = true;
    deadline_ = loop_->deadline(limits.request_arrival);
  }
  const auto space = reader_.space();
  const auto [ec, bytes] = co_await socket_.async_read_some(asio::buffer(space.data(), space.size()), kAwait);
  if (ec) co_return false;
  reader_.received(bytes);
  co_return true;
}

asio::awaitable<bool> Connection::write_out() {
  bool waited = false;
  std::size_t progress = 0;
  while (!queue_.empty()) {
    error_code ec;
    const std::size_t bytes = socket_.write_some(queue_.buffers(), ec);
    if (!ec) {
      queue_.consume(bytes);
      // A slow reader gets as long as it reads on; one that sips does not hold its answer for ever.
      progress += bytes;
      if (waited && progress >= kWriteProgress) {
        progress = 0;
        deadline_ = loop_->deadline(loop_->state().options.limits.response_write);
      }
      continue;
    }
    if (ec != asio::error::would_block && ec != asio::error::try_again) co_return false;
    if (!std::exchange(waited, true)) {
      idle_ = false;
      deadline_ = loop_->deadline(loop_->state().options.limits.response_write);
    }
    const auto [wait_error] = co_await socket_.async_wait(Tcp::socket::wait_write, kAwait);
    if (wait_error) co_return false;
  }
  if (waited) {
    deadline_ = Deadline::max();
    reading_began_ = false;
  }
  co_return true;
}

// Until the answer is there; false when the client goes away first. Reads ahead as far as there is room,
// since that is the only way to see the end of what the client sends.
asio::awaitable<bool> Connection::await_answer() {
  while (!answer_) {
    const auto space = reader_.space();
    waiting_ = true;
    const auto [wait_error] =
        co_await socket_.async_wait(space.empty() ? Tcp::socket::wait_error : Tcp::socket::wait_read, kAwait);
    waiting_ = false;
    if (answer_) break;
    if (!socket_.is_open() || wait_error || space.empty()) co_return false;
    error_code ec;
    const std::size_t bytes = socket_.read_some(asio::buffer(space.data(), space.size()), ec);
    if (ec == asio::error::would_block || ec == asio::error::try_again) continue;
    if (ec) co_return false;
    reader_.received(bytes);
  }
  co_return socket_.is_open();
}

asio::awaitable<void> Connection::linger() {
  error_code ec;
  socket_.shutdown(Tcp::socket::shutdown_send, ec);
  if (ec || loop_->stopping()) co_return;
  idle_ = true;
  deadline_ = loop_->deadline(kLinger);
  char scrap[4096];
  std::size_t left = kLingerBytes;
  while (left > 0) {
    const auto [wait_error] = co_await socket_.async_wait(Tcp::socket::wait_read, kAwait);
    if (wait_error) co_return;
    const std::size_t bytes = socket_.read_some(asio::buffer(scrap), ec);
    if (ec == asio::error::would_block) continue;
    if (ec) co_return;
    left -= std::min(left, bytes);
  }
}

}  // namespace offloader::http
