#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace offloader::http {

class StreamBuffer;

// The body of a response that is sent while it is made: the producer's end. Owned by the producer, used by
// one thread at a time. It holds at most kRoom bytes and one write, however slowly the client reads; a client
// that takes nothing for Limits::response_write is cut, so no wait is longer than that. Dropped without
// finish(), the body is never completed: the connection closes without a last chunk, and the client sees a
// failure.
class BodyStream {
 public:
  static constexpr std::size_t kRoom = 256U << 10;  // bytes

  enum class State {
    ready,  // there is room
    full,   // wait for room before the next write
    gone,   // the client went away, or does not want the body (HEAD): stop
  };

  explicit BodyStream(std::shared_ptr<StreamBuffer> buffer) : buffer_(std::move(buffer)) {}
  BodyStream(BodyStream&&) = default;
  BodyStream& operator=(BodyStream&&) = delete;
  BodyStream(const BodyStream&) = delete;
  ~BodyStream();

  // Takes `bytes`, also when it is full; they are dropped when the client is gone.
  State write(std::string bytes);

  // Blocks until there is room or the client is gone. Not from an I/O thread.
  State wait();

  // Calls `ready` once, when there is room or the client is gone: from within when that is so already, else
  // from the connection's I/O thread. The one given before is replaced.
  void when_ready(std::function<void()> ready);

  // Bytes that were written here and that the socket has not taken yet.
  [[nodiscard]] std::size_t waiting() const;

  // Completes the body. `trailers` are complete lines, each `name: value\r\n`; a client that did not ask for
  // them (`TE: trailers`) gets none.
  void finish(std::string trailers = {}) &&;

 private:
  std::shared_ptr<StreamBuffer> buffer_;
};

}  // namespace offloader::http
