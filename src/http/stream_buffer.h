#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "offloader/base/mutex.h"
#include "offloader/http/body_stream.h"

namespace offloader::http {

// What a producer has written and its connection has not sent: shared by both, each on its own thread.
class StreamBuffer {
 public:
  // `wake` tells the connection that there is something to take. Called from the producer's thread, without a
  // lock, and never twice before a take().
  explicit StreamBuffer(std::function<void()> wake) : wake_(std::move(wake)) {}

  // The producer's.
  BodyStream::State write(std::string bytes);
  BodyStream::State wait();
  void when_ready(std::function<void()> ready);
  void finish(std::string trailers);
  void abandon();
  [[nodiscard]] std::size_t waiting() const;

  // The connection's.
  enum class End { open, finished, abandoned };
  struct Taken {
    std::vector<std::string> pieces;
    std::size_t bytes = 0;  // of the pieces; they count as waiting until sent() says otherwise
    End end = End::open;    // after these pieces
    std::string trailers;
  };
  [[nodiscard]] Taken take();
  void sent(std::size_t bytes);
  void client_gone();

 private:
  [[nodiscard]] BodyStream::State state() const OFFLOADER_REQUIRES(mutex_);
  void end(End how, std::string trailers);

  const std::function<void()> wake_;
  mutable Mutex mutex_;
  Condition changed_;
  std::vector<std::string> pieces_ OFFLOADER_GUARDED_BY(mutex_);
  std::size_t bytes_ OFFLOADER_GUARDED_BY(mutex_) = 0;  // written and not sent
  End end_ OFFLOADER_GUARDED_BY(mutex_) = End::open;
  std::string trailers_ OFFLOADER_GUARDED_BY(mutex_);
  std::function<void()> ready_ OFFLOADER_GUARDED_BY(mutex_);
  bool gone_ OFFLOADER_GUARDED_BY(mutex_) = false;
  bool woken_ OFFLOADER_GUARDED_BY(mutex_) = false;  // since the last take()
};

}  // namespace offloader::http
