#include "log.h"

#include <poll.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <mutex>
#include <string>

#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"

namespace offloader::telemetry {
namespace {

constexpr std::size_t kQueueLines = 8192;

// Writes whole lines to a file descriptor. spdlog calls it from its only thread. That thread may wait for a
// slow reader as long as the log exists, and stops waiting when the log is destroyed.
class DescriptorSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit DescriptorSink(int fd) : fd_(fd) {}

  // Waits, for at most `bound`, until flush_() has been called `count` times.
  void await_flush(std::uint64_t count, std::chrono::milliseconds bound) {
    MutexLock lock(flushed_mutex_);
    flushed_.wait_for(flushed_mutex_, bound,
                      [&]() OFFLOADER_REQUIRES(flushed_mutex_) { return flush_count_ >= count; });
  }
  std::uint64_t flushes() {
    const MutexLock lock(flushed_mutex_);
    return flush_count_;
  }

  // From now on, a line that the descriptor does not accept at once is dropped.
  void stop_waiting() { closing_.store(true, std::memory_order_relaxed); }

  // Number of lines that could not be written, or only in part.
  [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::string line(message.payload.data(), message.payload.size());
    line.push_back('\n');
    for (std::size_t done = 0; done < line.size();) {
      // A pipe that polls as writable takes PIPE_BUF bytes without blocking.
      const std::size_t piece = std::min<std::size_t>(line.size() - done, PIPE_BUF);
      const ssize_t count = writable() ? ::write(fd_, line.data() + done, piece) : -1;
      if (count > 0) {
        done += static_cast<std::size_t>(count);
        continue;
      }
      if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      lost_.fetch_add(1, std::memory_order_relaxed);  // the log is unusable, so only a metric can report it
      return;
    }
  }
  void flush_() override {
    {
      const MutexLock lock(flushed_mutex_);
      ++flush_count_;
    }
    flushed_.notify_all();
  }

 private:
  // Waits until the descriptor accepts bytes. Returns false, with errno set to EPIPE, if it is broken or if
  // the log is being destroyed.
  bool writable() {
    pollfd poll{.fd = fd_, .events = POLLOUT, .revents = 0};
    while (true) {
      const int ready = ::poll(&poll, 1, closing_.load(std::memory_order_relaxed) ? 0 : kPatience);
      if (ready > 0 && (poll.revents & POLLOUT) != 0) return true;
      const bool again =
          (ready == 0 && !closing_.load(std::memory_order_relaxed)) || (ready < 0 && errno == EINTR);
      if (again) continue;
      errno = EPIPE;
      return false;
    }
  }

  static constexpr int kPatience = 100;  // ms between checks of closing_

  int fd_;
  std::atomic<bool> closing_{false};
  std::atomic<std::uint64_t> lost_{0};
  Mutex flushed_mutex_;
  Condition flushed_;
  std::uint64_t flush_count_ OFFLOADER_GUARDED_BY(flushed_mutex_) = 0;
};

class AsyncLog final : public Log {
 public:
  AsyncLog(const TelemetryOptions& options, Metrics& metrics)
      : options_(options),
        pool_(std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1)),
        sink_(std::make_shared<DescriptorSink>(options.log_fd)),
        logger_(std::make_shared<spdlog::async_logger>("offloader", sink_, pool_,
                                                       spdlog::async_overflow_policy::overrun_oldest)),
        dropped_(metrics.counter("offloader_log_dropped_total",
                                 "Log lines dropped because the log could not keep up.")) {
    logger_->set_level(spdlog::level::trace);
    collect_ = metrics.on_collect([this] { count_drops(); });
  }

  // Waits at most a second for the queued lines, then drops those that the descriptor does not accept.
  ~AsyncLog() override {
    collect_.reset();
    flush();
    sink_->stop_waiting();
    pool_.reset();  // joins the thread while the members that it uses still exist
  }

  bool enabled(Level level) const override { return level <= options_.level; }

  void write(Level level, std::string_view message, std::initializer_list<Field> fields) override {
    if (!enabled(level)) return;
    std::string line;
    line.reserve(256);
    if (level == Level::info) {
      // Routine events, mostly access lines: ids and numbers, no foreign text to redact.
      append_line(line, options_.format, real_clock().now(), level, message, fields);
    } else {
      // A reason may quote text from a store, a driver or a file.
      append_redacted_line(line, options_.format, real_clock().now(), level, message, fields);
    }
    logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }

  void flush() override {
    const std::uint64_t target = sink_->flushes() + 1;
    logger_->flush();
    sink_->await_flush(target, std::chrono::seconds(1));
  }

 private:
  void count_drops() {
    const std::uint64_t total = pool_->overrun_counter() + sink_->lost();
    dropped_.add(total - counted_drops_);
    counted_drops_ = total;
  }

  TelemetryOptions options_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<DescriptorSink> sink_;
  std::shared_ptr<spdlog::async_logger> logger_;
  Counter& dropped_;
  std::uint64_t counted_drops_ = 0;
  std::shared_ptr<void> collect_;
};

}  // namespace

Result<std::unique_ptr<Log>> make_async_log(const TelemetryOptions& options, Metrics& metrics) try {
  return std::make_unique<AsyncLog>(options, metrics);
} catch (...) {
  return fail(error_in_flight());
}

}  // namespace offloader::telemetry
