#include "connection.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "offloader/base/thread.h"

namespace offloader::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// How many answers to pipelined requests one write may carry.
constexpr std::size_t kMaxCoalesced = 16;
constexpr std::size_t kMaxCoalescedBytes = 256 << 10;

}  // namespace

Connection::Connection(std::shared_ptr<IoLoop> loop, Tcp::socket socket, Purpose purpose)
    : loop_(std::move(loop)),
      wire_(std::move(socket), loop_->tls()),
      purpose_(purpose),
      reader_(loop_->state().options.limits) {
  error_code ec;
  Tcp::socket& connected = wire_.socket();
  const auto remote = connected.remote_endpoint(ec);
  if (!ec) peer_ = remote.address().to_string(ec);
  connected.non_blocking(true, ec);
  connected.set_option(Tcp::no_delay(true), ec);
}

Connection::~Connection() {
  if (stream_) run_guarded({}, [&] { stream_->client_gone(); });
}

void Connection::start() {
  asio::co_spawn(
      wire_.socket().get_executor(), [self = shared_from_this()] { return self->run(); },
      [self = shared_from_this()](const std::exception_ptr& thrown) {
        self->finish();
        if (!thrown) return;
        try {
          self->loop_->state().telemetry.log().error("a connection was closed because of an exception");
        } catch (...) {  // NOLINT(bugprone-empty-catch): no memory to say so
        }
      });
}

void Connection::finish() {
  if (std::exchange(done_, true)) return;
  wire_.close();
  loop_->forget(this);
  const auto stream = std::exchange(stream_, nullptr);
  const auto read = std::exchange(read_, nullptr);
  if (!std::exchange(pending_, false) && stream == nullptr) return;
  run_guarded({}, [&] { gone_->cancel(); });  // the flag is raised even if its action throws
  if (stream) run_guarded({}, [&] { stream->client_gone(); });
  if (read) run_guarded({}, [&] { read(fail(ErrorCode::cancelled, "the client has gone")); });
}

void Connection::cut() {
  wire_.close();
}

void Connection::close_if_overdue(Deadline now) {
  if (now >= deadline_ || lost_.load(std::memory_order_relaxed)) cut();
}

void Connection::close_if_idle() {
  if (!idle_) return;
  deadline_ = loop_->deadline(kLastCall);
  if (fresh_) return;
  // A request that has arrived is answered like one in flight. If the kernel still has bytes, wait for them.
  // Cancelling the wait does not lose bytes that have been read.
  error_code ec;
  if (!wire_.has_bytes()) wire_.socket().cancel(ec);
}

void Connection::shed_at_once(IoLoop& loop, Tcp::socket& socket) {
  error_code ec;
  socket.non_blocking(true, ec);
  ResponseQueue queue;
  Response response = loop.state().error_response(503, "too many connections");
  queue.add(std::move(response), Framing{false, true, false}, loop.date());
  if (!ec && loop.tls() == nullptr) socket.write_some(queue.buffers(), ec);
  socket.close(ec);
}

Response Connection::error(int status, std::string_view message) const {
  Response response = loop_->state().error_response(status, message);
  response.close = response.close || status != 500;
  return response;
}

// Runs `act` on the thread of the loop, within this call if that is the current thread. Called by foreign
// threads and destructors, so it must not throw: without the memory to post or to act, the connection is
// closed by the next sweep.
template <typename Act>
void Connection::on_loop(Act act) noexcept {
  const auto guarded = [](Connection& connection, Act& action) noexcept {
    try {
      action(connection);
    } catch (...) {
      connection.lost_.store(true, std::memory_order_relaxed);
    }
  };
  if (loop_->on_this_thread()) return guarded(*this, act);
  try {
    loop_->post(
        [self = shared_from_this(), act = std::move(act), guarded]() mutable { guarded(*self, act); });
  } catch (...) {
    lost_.store(true, std::memory_order_relaxed);
  }
}

void Connection::send(Response response) try {
  if (loop_->on_this_thread()) return answer(std::move(response));
  on_loop([moved = std::make_shared<Response>(std::move(response))](Connection& self) {
    self.answer(std::move(*moved));
  });
} catch (...) {  // no memory to pass it on
  lost_.store(true, std::memory_order_relaxed);
}

BodyStream Connection::stream(Response head) {
  auto buffer = std::make_shared<StreamBuffer>([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_loop([](Connection& connection) { connection.wake(); });
  });
  on_loop([moved = std::make_shared<Response>(std::move(head)), buffer](Connection& self) {
    self.answer(std::move(*moved), buffer);
  });
  return BodyStream(std::move(buffer));
}

void Connection::abandon() {
  on_loop([](Connection& self) {
    if (self.pending_) self.answer(self.error(500, "the request was not answered"));
  });
}

void Connection::read(std::function<void(Piece piece)> done) {
  on_loop([moved = std::make_shared<std::function<void(Piece)>>(std::move(done))](Connection& self) {
    if (!self.pending_) return (*moved)(fail(ErrorCode::cancelled, "the client has gone"));
    self.read_ = std::move(*moved);
    self.wake();
  });
}

void Connection::answer(Response response, std::shared_ptr<StreamBuffer> stream) {
  if (!std::exchange(pending_, false)) {  // the client is gone
    if (stream) stream->client_gone();
    return;
  }
  answer_ = std::move(response);
  stream_ = std::move(stream);
  wake();
}

void Connection::wake() {
  woken_ = true;
  if (!waiting_) return;
  error_code ec;
  wire_.socket().cancel(ec);
}

void Connection::call_handler() {
  // Reuse the flag of the previous request if nobody holds it and it was never raised.
  if (gone_ == nullptr || gone_.use_count() > 1 || gone_->cancelled()) {
    gone_ = std::make_shared<CancelFlag>();
  } else {
    gone_->on_cancel({});
  }
  pending_ = true;
  try {
    loop_->state().handler(*this, Responder(shared_from_this()), gone_);
  } catch (const std::exception& thrown) {
    Response failed = error(500, "the request failed");
    // The handler may have passed its responder on, and the next request must not get that answer.
    failed.close = true;
    answer(std::move(failed));
    loop_->state().telemetry.log().error("a request handler threw an exception", {{"what", thrown.what()}});
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
  if (wire_.encrypted() && !co_await shake_hands()) co_return;
  if (purpose_ == Purpose::shed) {
    refuse({503, "too many connections"});
    if (co_await write_out()) co_await linger();
    co_return;
  }
  deadline_ = loop_->deadline(limits.idle);
  for (;;) {
    const RequestReader::Progress progress = reader_.advance();
    if (progress == RequestReader::Progress::refused) {
      log_refusal(reader_.refusal().message);
      refuse(reader_.refusal());
      if (co_await write_out()) co_await linger();
      co_return;
    }
    if (progress == RequestReader::Progress::head) {
      const auto& reads = loop_->state().options.reads_body;
      body_ = reads && reads(*this) ? this : nullptr;
      body_ == nullptr ? reader_.skip_body() : reader_.keep_body();
      body_time_left_ = limits.request_arrival;
      continue;
    }
    if (progress != RequestReader::Progress::complete) {
      if (progress == RequestReader::Progress::send_continue) queue_.add_continue();
      if (!queue_.empty() && !co_await write_out()) co_return;
      if (!begin_reading() || !co_await receive()) co_return;
      continue;
    }

    idle_ = fresh_ = false;
    reading_began_ = false;
    deadline_ = Deadline::max();
    call_handler();
    if (pending_ && !queue_.empty() && !co_await write_out()) co_return;
    if (!answer_ && !co_await await_answer()) co_return;

    const RequestHead& head = reader_.head();
    const bool unread = body_ != nullptr && reader_.body_left();
    const Length length = stream_ == nullptr ? Length::counted
                          : head.http11()    ? Length::chunked
                                             : Length::to_end;
    const bool keep_alive = head.keep_alive() && !answer_->close && !unread && length != Length::to_end &&
                            !loop_->stopping() && !loop_->state().draining.load(std::memory_order_relaxed);
    const bool bodyless = head.method() == "HEAD" || answer_->status == 204 || answer_->status == 304;
    queue_.add(std::move(*answer_), Framing{head.method() == "HEAD", head.http11(), keep_alive, length},
               loop_->date());
    answer_.reset();
    body_ = nullptr;
    read_ = nullptr;
    if (stream_ != nullptr && bodyless) std::exchange(stream_, nullptr)->client_gone();
    bool whole = true;
    if (stream_ != nullptr) whole = co_await write_stream(length, wants_trailers());
    if (!whole) co_return;
    reader_.next();
    if (!keep_alive) {
      if (co_await write_out()) co_await linger();
      co_return;
    }
    if (reader_.begun() && coalesce_more()) continue;
    if (!co_await write_out()) co_return;
  }
}

}  // namespace offloader::http
