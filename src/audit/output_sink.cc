#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "sink.h"

namespace offloader::audit {
namespace {

constexpr int kPatience = 100;  // ms between checks of `closing`

class OutputSink final : public Sink {
 public:
  OutputSink(int fd, const std::atomic<bool>& closing) : fd_(fd), closing_(closing) {}

  Result<Opening> open(const Sha256& /*key*/, Head& /*head*/) override {
    open_ = true;
    return Opening{};
  }
  bool is_open() const override { return open_; }

  Result<void> write(std::string_view text) override {
    for (std::size_t done = 0; done < text.size();) {
      // A pipe that polls as writable takes PIPE_BUF bytes without blocking.
      const std::size_t piece = std::min<std::size_t>(text.size() - done, PIPE_BUF);
      const ssize_t count = writable() ? ::write(fd_, text.data() + done, piece) : -1;
      if (count > 0) {
        done += static_cast<std::size_t>(count);
      } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
        close();
        return fail(ErrorCode::unavailable,
                    std::string("cannot write to standard output: ") + std::strerror(errno));
      }
    }
    return {};
  }

  Result<void> sync() override {
    // Redirected to a file, it can be synced; a pipe or a terminal cannot.
    if (::fdatasync(fd_) == 0 || errno == EINVAL || errno == EROFS) return {};
    close();
    return fail(ErrorCode::unavailable, std::string("cannot sync standard output: ") + std::strerror(errno));
  }
  bool intact() const override { return true; }
  bool rotated() const override { return false; }
  void close() override { open_ = false; }

 private:
  // Waits until the descriptor takes bytes. Returns false, with errno set, if it never will.
  bool writable() {
    pollfd poll{.fd = fd_, .events = POLLOUT, .revents = 0};
    while (true) {
      const int ready = ::poll(&poll, 1, kPatience);
      if (ready > 0 && (poll.revents & POLLOUT) != 0) return true;
      if (ready > 0 || (ready == 0 && closing_.load(std::memory_order_relaxed))) {
        errno = EPIPE;
        return false;
      }
      if (ready < 0 && errno != EINTR) return false;
    }
  }

  const int fd_;
  const std::atomic<bool>& closing_;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<Sink> make_output_sink(int fd, const std::atomic<bool>& closing) {
  return std::make_unique<OutputSink>(fd, closing);
}

}  // namespace offloader::audit
