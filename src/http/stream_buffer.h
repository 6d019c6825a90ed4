#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "offloader/base/mutex.h"
#include "offloader/http/body_stream.h"

namespace offloader::http {

// The bytes that a producer has written and its connection has not sent. Shared by both, each on its own
// thread.
class StreamBuffer {
 public:
  // `wake` tells the connection to call take(). It is called on the producer's thread without a lock held,
  // and at most once before each take().
  explicit StreamBuffer(std::function<void()> wake) : wake_(std::move(wake)) {}

  // Called by the producer (BodyStream).
  BodyStream::State write(std::string bytes);
  BodyStream::State wait();
  void when_ready(std::function<void()> ready);
  void finish(std::string trailers);
  void abandon();
  [[nodiscard]] std::size_t waiting() const;

  // Called by the connection.
  enum class End { open, finished, abandoned };
  struct Taken {
    std::vector<std::string> pieces;
    std::size_t bytes = 0;  // size of the pieces, which count as waiting until sent()
    End end = End::open;    // how the body ends after these pieces
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
  std::size_t bytes_ OFFLOADER_GUARDED_BY(mutex_) = 0;  // written but not sent yet
  End end_ OFFLOADER_GUARDED_BY(mutex_) = End::open;
  std::string trailers_ OFFLOADER_GUARDED_BY(mutex_);
  std::function<void()> ready_ OFFLOADER_GUARDED_BY(mutex_);
  bool gone_ OFFLOADER_GUARDED_BY(mutex_) = false;
  bool woken_ OFFLOADER_GUARDED_BY(mutex_) = false;  // since the last take()
};

}  // namespace offloader::http
