#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "connection.h"

// How a connection waits for its socket: reading requests and writing answers.
namespace offloader::http {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
// Bounds on lingering, for a client that still sends while it is refused. Closing with unread bytes would
// reset the connection, and the client might never see the reason.
constexpr std::chrono::milliseconds kLinger{1000};
constexpr std::size_t kLingerBytes = 1 << 20;
// How many bytes of its answer a client must take within Limits::response_write to get that time again.
constexpr std::size_t kWriteProgress = 256 << 10;

}  // namespace

// Reads some bytes of a request. Returns false if the client is gone or the connection is closed.
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
  const bool received = co_await receive();
  co_return received;
}

// Reads bytes into the reader, waiting for them. Returns false if the client is gone or the connection is
// closed.
asio::awaitable<bool> Connection::receive() {
  const auto space = reader_.space();
  for (bool waited = false;; waited = true) {
    error_code ec;
    const std::size_t bytes = wire_.read_some(space, ec);
    if (!ec) {
      reader_.received(bytes);
      // Let other connections run, if this client sends faster than it is answered.
      if (!waited) co_await asio::post(wire_.socket().get_executor(), asio::use_awaitable);
      co_return wire_.open();
    }
    if (ec != asio::error::would_block && ec != asio::error::try_again) co_return false;
    const auto [wait_error] = co_await wire_.socket().async_wait(wire_.wants(), kAwait);
    if (wait_error) co_return false;
  }
}

asio::awaitable<bool> Connection::write_out() {
  bool waited = false;
  std::size_t progress = 0;
  while (!queue_.empty()) {
    error_code ec;
    const std::size_t bytes = wire_.write_some(queue_.buffers(), ec);
    if (!ec) {
      queue_.consume(bytes);
      // A slow reader gets more time as long as it makes progress; one that takes only a few bytes at a time
      // cannot hold its answer forever.
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
    const auto [wait_error] = co_await wire_.socket().async_wait(wire_.wants(), kAwait);
    if (wait_error) co_return false;
  }
  if (waited) {
    deadline_ = Deadline::max();
    reading_began_ = false;
  }
  co_return true;
}

// Waits for wake(). Returns false if the client goes away first. It reads ahead as far as there is room,
// because only reading reveals that the client has closed.
asio::awaitable<bool> Connection::await_wake() {
  while (!std::exchange(woken_, false)) {
    const auto space = reader_.space();
    waiting_ = true;
    const auto [wait_error] = co_await wire_.socket().async_wait(
        space.empty() ? Tcp::socket::wait_error : Tcp::socket::wait_read, kAwait);
    waiting_ = false;
    if (std::exchange(woken_, false)) break;
    if (!wire_.open() || wait_error || space.empty()) co_return false;
    error_code ec;
    const std::size_t bytes = wire_.read_some(space, ec);
    if (ec == asio::error::would_block || ec == asio::error::try_again) continue;
    if (ec) co_return false;
    reader_.received(bytes);
  }
  co_return wire_.open();
}

asio::awaitable<void> Connection::linger() {
  idle_ = true;
  deadline_ = loop_->deadline(kLinger);
  error_code ec;
  wire_.end_sending(ec);
  while (ec == asio::error::would_block) {
    const auto [wait_error] = co_await wire_.socket().async_wait(wire_.wants(), kAwait);
    if (wait_error) co_return;
    wire_.end_sending(ec);
  }
  if (ec || loop_->stopping()) co_return;
  char scrap[4096];
  std::size_t left = kLingerBytes;
  while (left > 0) {
    const auto [wait_error] = co_await wire_.socket().async_wait(Tcp::socket::wait_read, kAwait);
    if (wait_error) co_return;
    const std::size_t bytes = wire_.socket().read_some(asio::buffer(scrap), ec);
    if (ec == asio::error::would_block) continue;
    if (ec) co_return;
    left -= std::min(left, bytes);
  }
}

}  // namespace offloader::http
