#include "offloader/load/load.h"

#include <sys/epoll.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <deque>
#include <memory>
#include <span>

#include "address.h"
#include "offloader/base/descriptor.h"
#include "response_reader.h"

namespace offloader::load {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

// Limits how often a connection to a server that is down is retried.
constexpr std::chrono::milliseconds kReconnectPause{20};
constexpr std::chrono::milliseconds kLookAround{50};  // between checks for timeouts and cancellation

struct Connection {
  Descriptor fd;
  bool connecting = false;
  bool waiting = false;    // a request is sent and its answer is not complete
  std::size_t unsent = 0;  // bytes of `text` that the socket has not accepted yet
  const std::string* text = nullptr;
  Clock::time_point due;       // when the request should have been sent; its latency counts from here
  Clock::time_point deadline;  // for the answer, or for connecting
  Clock::time_point retry;     // do not reconnect before
  ResponseReader reader;
};

class Run {
 public:
  Run(const LoadOptions& options, const Address& address) : options_(options), address_(address) {
    const std::string host =
        options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]";
    for (const Request& request : options.requests) {
      texts_.push_back("GET " + request.target + " HTTP/1.1\r\nHost: " + host + ":" +
                       std::to_string(options.port) + "\r\nUser-Agent: offloader-bench\r\n" +
                       (request.key.empty() ? "" : "Authorization: Bearer " + request.key + "\r\n") + "\r\n");
    }
    connections_.resize(options.connections);
    epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  LoadReport go() {
    // The default timer slack lets waits end about 50 µs late. A failure here costs only that precision.
    (void)::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    begin_ = Clock::now();
    measured_from_ = begin_ + options_.warm_up;
    end_ = measured_from_ + options_.duration;
    next_look_ = begin_;
    second_end_ = measured_from_ + std::chrono::seconds(1);
    for (Connection& connection : connections_) connect(connection, begin_);
    std::array<epoll_event, 256> events;
    for (Clock::time_point now = begin_; now < end_; now = Clock::now()) {
      if (now >= next_look_ && !look_around(now)) break;
      // Open loop: send due requests before reading the next answers.
      if (open()) send_what_is_due(now);
      const int ready = wait(events, now);
      // A connection has one socket, so a batch holds at most one event for it. A reconnect happens only
      // while that event is handled, so no event of the old socket is left for the new one.
      for (int i = 0; i < ready; ++i) {
        auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (connection.fd.valid()) serve(connection, events[static_cast<std::size_t>(i)].events);
      }
    }
    return finish(std::min(Clock::now(), end_));
  }

 private:
  [[nodiscard]] bool open() const { return options_.rate > 0; }
  [[nodiscard]] bool measuring(Clock::time_point at) const { return at >= measured_from_ && at < end_; }

  [[nodiscard]] Clock::time_point due_of(std::uint64_t request) const {
    return begin_ +
           nanoseconds(static_cast<std::int64_t>(static_cast<double>(request) * 1e9 / options_.rate));
  }

  // Sleeps until an answer arrives or the next request is due. A client that spins would take a core from
  // the server that it measures if both share a machine. Kernels before 5.11 lack epoll_pwait2 and wait in
  // whole milliseconds.
  int wait(std::span<epoll_event> events, Clock::time_point now) {
    Clock::time_point until = std::min(next_look_, end_);
    if (open() && !idle_.empty()) until = std::min(until, due_of(next_due_));
    const auto left = std::max(nanoseconds(0), std::chrono::duration_cast<nanoseconds>(until - now));
    if (waits_precisely_) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
      const timespec limit{seconds.count(), (left - seconds).count()};
      const int ready =
          ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), &limit, nullptr);
      if (ready >= 0 || errno != ENOSYS) return ready;
      waits_precisely_ = false;
    }
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(left);
    return ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                        static_cast<int>(milliseconds.count()));
  }

  void connect(Connection& connection, Clock::time_point now) {
    connection.fd = connecting_socket(address_);
    connection.waiting = false;
    connection.connecting = true;
    connection.deadline = now + options_.timeout;
    connection.retry = now + kReconnectPause;
    if (!connection.fd.valid()) return;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.ptr = &connection;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.fd.get(), &event);
  }

  void drop(Connection& connection, Clock::time_point now) {
    connection.fd.reset();
    connection.waiting = false;
    connection.retry = std::max(connection.retry, now);
    std::erase(idle_, &connection);
  }

  void lose(Connection& connection, Clock::time_point now, std::uint64_t& counter) {
    if (measuring(now)) {
      ++counter;
      ++second_failures_;
    }
    drop(connection, now);
  }

  void send_request(Connection& connection, Clock::time_point due, Clock::time_point now) {
    connection.text = &texts_[next_text_];
    next_text_ = next_text_ + 1 == texts_.size() ? 0 : next_text_ + 1;
    connection.unsent = connection.text->size();
    connection.due = due;
    connection.deadline = now + options_.timeout;
    connection.waiting = true;
    connection.reader.reset();
    push(connection, now);
  }

  void push(Connection& connection, Clock::time_point now) {
    while (connection.unsent > 0) {
      const std::string& text = *connection.text;
      const ssize_t sent = ::send(connection.fd.get(), text.data() + text.size() - connection.unsent,
                                  connection.unsent, MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno == EAGAIN) return;
      if (sent <= 0) return lose(connection, now, report_.disconnects);
      connection.unsent -= static_cast<std::size_t>(sent);
    }
  }

  void become_idle(Connection& connection, Clock::time_point now) {
    if (open()) {
      idle_.push_back(&connection);
    } else {
      send_request(connection, now, now);
    }
  }

  void send_what_is_due(Clock::time_point now) {
    while (!idle_.empty() && due_of(next_due_) <= now && due_of(next_due_) < end_) {
      Connection& connection = *idle_.front();
      idle_.pop_front();
      send_request(connection, due_of(next_due_++), now);
    }
  }

  void serve(Connection& connection, std::uint32_t events) {
    if (connection.connecting) {
      const Clock::time_point now = Clock::now();
      if ((events & (EPOLLERR | EPOLLHUP)) != 0) return lose(connection, now, report_.disconnects);
      if ((events & EPOLLOUT) == 0) return;
      connection.connecting = false;
      become_idle(connection, now);
      return;
    }
    if (connection.unsent > 0 && (events & EPOLLOUT) != 0) push(connection, Clock::now());
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && connection.fd.valid()) receive(connection);
  }

  void receive(Connection& connection) {
    while (connection.fd.valid()) {
      const ssize_t got = ::recv(connection.fd.get(), buffer_.data(), buffer_.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      const Clock::time_point now = Clock::now();
      if (got <= 0) {
        if (got == 0 && connection.waiting && connection.reader.end() == ResponseReader::State::complete) {
          answered(connection, now);
          return drop(connection, now);
        }
        // A server may close a connection that has no request in flight.
        if (!connection.waiting) return drop(connection, now);
        return lose(connection, now, report_.disconnects);
      }
      if (measuring(now)) report_.bytes += static_cast<std::uint64_t>(got);
      if (!connection.waiting) return lose(connection, now, report_.disconnects);
      std::size_t taken = 0;
      const auto state = connection.reader.feed({buffer_.data(), static_cast<std::size_t>(got)}, taken);
      if (state == ResponseReader::State::broken || taken < static_cast<std::size_t>(got))
        return lose(connection, now, report_.disconnects);
      if (state == ResponseReader::State::more) {
        // A short read means that the socket is empty. epoll is edge-triggered and reports the next bytes.
        if (static_cast<std::size_t>(got) < buffer_.size()) return;
        continue;
      }
      answered(connection, now);
      if (!connection.reader.keeps_open()) {
        drop(connection, now);
        connect(connection, now);
        return;
      }
      become_idle(connection, now);
      if (static_cast<std::size_t>(got) < buffer_.size()) return;
    }
  }

  void answered(Connection& connection, Clock::time_point now) {
    connection.waiting = false;
    close_seconds(now);
    if (!measuring(now)) return;
    const int status = connection.reader.status();
    ++report_.answers;
    ++report_.statuses[status];
    if (status < 200 || status > 299) {
      ++report_.not_2xx;
      ++second_failures_;
      return;
    }
    ++second_answers_;
    const auto latency = static_cast<std::uint64_t>(nanoseconds(now - connection.due).count());
    report_.latency.record(latency);
    second_.record(latency);
  }

  void close_second() {
    report_.series.push_back(
        {second_answers_, second_failures_, second_.percentile(50), second_.percentile(99)});
    second_.clear();
    second_answers_ = second_failures_ = 0;
    second_end_ += std::chrono::seconds(1);
  }

  // Closes the seconds that have ended.
  void close_seconds(Clock::time_point now) {
    while (std::min(now, end_) >= second_end_) close_second();
  }

  // Ends requests that timed out and reconnects. Returns false if the run was cancelled.
  bool look_around(Clock::time_point now) {
    if (options_.cancel != nullptr && options_.cancel->cancelled()) return false;
    next_look_ = now + kLookAround;
    close_seconds(now);
    for (Connection& connection : connections_) {
      if (!connection.fd.valid()) {
        if (now >= connection.retry) connect(connection, now);
      } else if ((connection.waiting || connection.connecting) && now >= connection.deadline) {
        lose(connection, now, report_.timeouts);
      }
    }
    return true;
  }

  LoadReport finish(Clock::time_point at) {
    close_seconds(at);
    if (at > second_end_ - std::chrono::seconds(1)) close_second();  // unfinished
    report_.host = options_.host;
    report_.port = options_.port;
    report_.connections = options_.connections;
    report_.rate = options_.rate;
    report_.seconds = std::max(0.0, std::chrono::duration<double>(at - measured_from_).count());
    if (open() && at > measured_from_) {
      const auto due = static_cast<std::uint64_t>(
          std::floor(std::chrono::duration<double>(at - begin_).count() * options_.rate));
      report_.never_sent = due > next_due_ ? due - next_due_ : 0;
    }
    return std::move(report_);
  }

  const LoadOptions& options_;
  const Address address_;
  std::vector<std::string> texts_;
  std::vector<Connection> connections_;
  std::deque<Connection*> idle_;  // open loop: longest idle first
  Descriptor epoll_;
  bool waits_precisely_ = true;
  std::size_t next_text_ = 0;
  std::uint64_t next_due_ = 0;
  Clock::time_point begin_;
  Clock::time_point measured_from_;
  Clock::time_point end_;
  Clock::time_point next_look_;
  Clock::time_point second_end_;
  std::array<char, 256 << 10> buffer_{};
  LoadReport report_;
  LatencyHistogram second_;
  std::uint64_t second_answers_ = 0;
  std::uint64_t second_failures_ = 0;
};

}  // namespace

Result<LoadReport> run_load(const LoadOptions& options) {
  if (options.requests.empty()) return fail(ErrorCode::invalid_param, "There is no request to send.");
  if (options.connections == 0) return fail(ErrorCode::invalid_param, "Use at least one connection.");
  for (const Request& request : options.requests) {
    const std::string sent = request.target + request.key;
    const bool plain =
        std::all_of(sent.begin(), sent.end(), [](char c) { return static_cast<unsigned char>(c) > ' '; });
    if (!plain)
      return fail(ErrorCode::invalid_param,
                  "A path or a key contains a space or a control character. Percent-encode it in a path.");
  }
  const auto address =
      reachable_address(options.host, options.port, static_cast<int>(options.timeout.count()));
  if (!address) return fail(address.error());
  return std::make_unique<Run>(options, *address)->go();
}

}  // namespace offloader::load
