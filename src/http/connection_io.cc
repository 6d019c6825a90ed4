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

// Sets the deadline of the next read of a request. Returns false if the connection is to be closed instead.
bool Connection::begin_reading() {
  const Limits& limits = loop_->state().options.limits;
  if (!reader_.begun()) {
    idle_ = true;
    reading_began_ = false;
    if (loop_->stopping() && !fresh_) return false;
    deadline_ = loop_->deadline(loop_->stopping() ? kLastCall : limits.idle);
  } else if (!reading_began_) {
    idle_ = false;
    reading_began_ = true;
    deadline_ = loop_->deadline(limits.request_arrival);
  }
  return true;
}

// Waits for bytes and passes them to the reader. Returns false if the client is gone or the connection is
// closed.
asio::awaitable<bool> Connection::receive() {
  const auto space = reader_.space();
  error_code failure;
  std::size_t received = wire_.kept(space, failure);
  // Let other connections run: asio does so for bytes that have arrived in the socket.
  if (received > 0) co_await asio::post(wire_.socket().get_executor(), asio::use_awaitable);
  while (received == 0 && !failure) {
    const auto to = wire_.arriving(space);
    const auto [ec, bytes] =
        co_await wire_.socket().async_read_some(asio::buffer(to.data(), to.size()), kAwait);
    if (ec) co_return false;
    received = wire_.arrived(space, bytes, failure);
  }
  reader_.received(received);
  co_return !failure;
}

asio::awaitable<bool> Connection::write_out() {
  bool waited = false;
  std::size_t progress = 0;
  while (!queue_.empty()) {
    error_code ec;
    queue_.let_go();
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
    error_code ec;
    if (!space.empty()) {
      const std::size_t before = wire_.kept(space, ec);
      if (ec) co_return false;
      reader_.received(before);
      if (before > 0) continue;
    }
    waiting_ = true;
    const auto [wait_error] = co_await wire_.socket().async_wait(
        space.empty() ? Tcp::socket::wait_error : Tcp::socket::wait_read, kAwait);
    waiting_ = false;
    if (std::exchange(woken_, false)) break;
    if (!wire_.open() || wait_error || space.empty()) co_return false;
    const auto to = wire_.arriving(space);
    const std::size_t bytes = wire_.socket().read_some(asio::buffer(to.data(), to.size()), ec);
    if (ec == asio::error::would_block || ec == asio::error::try_again) continue;
    if (ec) co_return false;
    reader_.received(wire_.arrived(space, bytes, ec));
    if (ec) co_return false;
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
