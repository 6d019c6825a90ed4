#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "offloader/http/server.h"

// Test fixtures: a server on an ephemeral port, a client that sends raw bytes, and telemetry that counts
// metrics and logs nothing.
namespace offloader::http::test {

class CountingMetrics final : public telemetry::Metrics {
 public:
  telemetry::Counter& counter(const std::string& name, const std::string&,
                              const telemetry::Labels& labels) override {
    return in(counters_, name, labels);
  }
  telemetry::Gauge& gauge(const std::string& name, const std::string&,
                          const telemetry::Labels& labels) override {
    return in(gauges_, name, labels);
  }
  telemetry::Histogram& histogram(const std::string&, const std::string&, const telemetry::Labels&) override {
    throw std::logic_error("the listener has no histogram");
  }
  void remove(const std::string&, const std::string&) override {}
  std::shared_ptr<void> on_collect(std::function<void()>) override { return nullptr; }
  std::string exposition() override { return {}; }

 private:
  template <typename T>
  T& in(std::map<std::string, T>& series, const std::string& name, const telemetry::Labels& labels) {
    std::string key = name;
    for (const auto& [label, value] : labels) key += "," + label + "=" + value;
    const std::lock_guard lock(mutex_);
    return series[key];
  }

  std::mutex mutex_;
  std::map<std::string, telemetry::Counter> counters_;
  std::map<std::string, telemetry::Gauge> gauges_;
};

class SilentLog final : public telemetry::Log {
 public:
  bool enabled(telemetry::Level) const override { return false; }
  void write(telemetry::Level, std::string_view, std::initializer_list<telemetry::Field>) override {}
  void flush() override {}
};

// So long that only a broken server reaches it, even on a slow machine.
constexpr std::chrono::seconds kPatience{60};

template <typename Condition>
[[nodiscard]] bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

inline Response text(std::string body, int status = 200) {
  Response response;
  response.status = status;
  response.body.append(std::move(body));
  return response;
}

struct TestServer {
  explicit TestServer(Handler handler, ServerOptions options = {}) {
    if (options.name.empty()) options.name = "test";
    auto started = Server::start(
        std::move(options), std::move(handler),
        [](int status, std::string_view message) { return text(std::string(message), status); }, telemetry);
    if (!started) throw std::runtime_error(started.error().message);
    server = std::move(*started);
  }

  telemetry::Telemetry telemetry{std::make_unique<CountingMetrics>(), std::make_unique<SilentLog>()};
  std::unique_ptr<Server> server;
};

class RawClient {
 public:
  // `receive_buffer` bounds what the kernel buffers for a client that does not read, in bytes; 0: the default
  // of the system.
  explicit RawClient(std::uint16_t port, int receive_buffer = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    void* raw = &address;
    if (fd_ < 0 || ::connect(fd_, static_cast<sockaddr*>(raw), sizeof address) != 0) {
      if (fd_ >= 0) ::close(fd_);
      throw std::runtime_error("cannot connect");
    }
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // Sends all bytes. Returns false if the other end has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // Sends what the kernel takes within half a second and returns its size; 0 if that is nothing.
  std::size_t send_now(std::string_view bytes) {
    pollfd waiting{fd_, POLLOUT, 0};
    if (::poll(&waiting, 1, 500) != 1) return 0;
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }
  void half_close() { ::shutdown(fd_, SHUT_WR); }
  void reset() {
    const linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    ::close(std::exchange(fd_, -1));
  }

  // Reads until received() satisfies `enough` or the other end closes. Returns false if neither happens
  // within kPatience.
  template <typename Enough>
  bool read_until(Enough enough) {
    while (!enough(received_) && !closed_) {
      pollfd waiting{fd_, POLLIN, 0};
      if (::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) != 1)
        return false;
      char bytes[16384];
      const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
      if (count <= 0) {
        was_reset_ = count < 0;
        closed_ = true;
      } else {
        received_.append(bytes, static_cast<std::size_t>(count));
      }
    }
    return true;
  }
  // Returns true once the server has closed or reset the connection.
  bool read_to_end() {
    return read_until([](const std::string&) { return false; }) && closed_;
  }
  bool read_text(std::string_view wanted) {
    read_until([&](const std::string& all) { return all.find(wanted) != std::string::npos; });
    return received_.find(wanted) != std::string::npos;
  }
  [[nodiscard]] const std::string& received() const { return received_; }
  [[nodiscard]] std::string take_received() { return std::exchange(received_, {}); }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] bool was_reset() const { return was_reset_; }

 private:
  int fd_;
  std::string received_;
  bool closed_ = false;
  bool was_reset_ = false;
};

inline std::size_t occurrences(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + word.size()))
    ++count;
  return count;
}

}  // namespace offloader::http::test
