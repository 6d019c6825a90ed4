#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace offloader::http {

class StreamBuffer;

// The producer's end of a response body that is sent while it is produced. Owned by the producer; used by one
// thread at a time. It holds at most kRoom bytes plus one write, however slowly the client reads. A client
// that does not read for Limits::response_write is disconnected, which bounds every wait. If the stream is
// destroyed without finish(), the connection closes without a last chunk, so that the client sees a failure.
class BodyStream {
 public:
  static constexpr std::size_t kRoom = 256U << 10;  // bytes

  enum class State {
    ready,  // there is room
    full,   // backpressure: wait for room before the next write
    gone,   // stop: the client went away, or wants no body (HEAD)
  };

  explicit BodyStream(std::shared_ptr<StreamBuffer> buffer) : buffer_(std::move(buffer)) {}
  BodyStream(BodyStream&&) = default;
  BodyStream& operator=(BodyStream&&) = delete;
  BodyStream(const BodyStream&) = delete;
  ~BodyStream();

  // Queues `bytes`, even if the stream is full, and returns the state after that. The bytes are dropped if
  // the client is gone.
  State write(std::string bytes);

  // Blocks until there is room or the client is gone, and returns which. Must not be called on an I/O thread.
  State wait();

  // Calls `ready` once there is room or the client is gone: within this call if that is already so, else on
  // the I/O thread of the connection. Replaces the callback of an earlier call.
  void when_ready(std::function<void()> ready);

  // Returns how many bytes were written here and have not been taken by the socket yet.
  [[nodiscard]] std::size_t waiting() const;

  // Completes the body. `trailers` are complete lines, each `name: value\r\n`; they are sent only to a client
  // that asked for them (`TE: trailers`).
  void finish(std::string trailers = {}) &&;

 private:
  std::shared_ptr<StreamBuffer> buffer_;
};

}  // namespace offloader::http
