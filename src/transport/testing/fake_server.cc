#include "offloader/transport/testing/fake_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "offloader/transport/testing/request_text.h"

namespace offloader::transport::testing {
namespace {

using std::chrono::steady_clock;

bool send_all(int fd, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t sent = ::send(fd, bytes, count, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    count -= static_cast<std::size_t>(sent);
  }
  return true;
}

// Makes close() send RST instead of FIN.
void reset_on_close(int fd) {
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

bool matches(const FaultRule& rule, const Request& request) {
  if (!rule.method.empty() && rule.method != request.method) return false;
  return (request.path + "?" + request.query).find(rule.path_contains) != std::string::npos;
}

}  // namespace

Answer text_answer(int status, std::string body, const std::string& type) {
  Answer out;
  out.status = status;
  out.headers = {{"Content-Type", type}};
  out.length = body.size();
  out.content = std::make_shared<const std::string>(std::move(body));
  return out;
}

Fault status_fault(int status, const std::string& retry_after) {
  Fault fault;
  fault.instead = text_answer(status, "fault\n");
  if (!retry_after.empty()) fault.instead->headers.emplace_back("Retry-After", retry_after);
  return fault;
}

FakeServer::FakeServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, 256) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();  // without loopback no test of this kind can run
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

FakeServer::~FakeServer() {
  {
    const std::lock_guard lock(stop_mutex_);
    stopping_ = true;
  }
  stopping_changed_.notify_all();
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(connections_mutex_);
    for (const Connection& connection : connections_) {
      if (connection.fd >= 0) ::shutdown(connection.fd, SHUT_RDWR);
    }
  }
  for (Connection& connection : connections_) connection.thread.join();
}

std::string FakeServer::host_port() const {
  return fmt::format("127.0.0.1:{}", port_);
}
std::string FakeServer::url() const {
  return "http://" + host_port();
}

void FakeServer::inject(FaultRule rule) {
  const std::lock_guard lock(faults_mutex_);
  rules_.push_back(std::move(rule));
}

void FakeServer::choose_faults(std::function<std::optional<Fault>(const Request&)> choose) {
  const std::lock_guard lock(faults_mutex_);
  choose_ = std::move(choose);
}

void FakeServer::clear_faults() {
  const std::lock_guard lock(faults_mutex_);
  rules_.clear();
  choose_ = nullptr;
}

void FakeServer::set_latency(std::chrono::milliseconds latency) {
  latency_ms_ = latency.count();
}
void FakeServer::set_bandwidth(std::uint64_t bytes_per_second) {
  bandwidth_ = bytes_per_second;
}

void FakeServer::set_answers_at_once(std::size_t most) {
  {
    const std::lock_guard lock(turns_mutex_);
    answers_at_once_ = most;
  }
  turn_free_.notify_all();
}

void FakeServer::reset_connections() {
  const std::lock_guard lock(connections_mutex_);
  for (const Connection& connection : connections_) {
    if (connection.fd < 0) continue;
    reset_on_close(connection.fd);
    ::shutdown(connection.fd, SHUT_RDWR);
  }
}

std::vector<Seen> FakeServer::seen() const {
  const std::lock_guard lock(log_mutex_);
  return log_;
}

std::size_t FakeServer::count(const std::string& method, const std::string& text) const {
  const std::lock_guard lock(log_mutex_);
  return static_cast<std::size_t>(std::count_if(log_.begin(), log_.end(), [&](const Seen& seen) {
    return (method.empty() || seen.method == method) &&
           (seen.path + "?" + seen.query).find(text) != std::string::npos;
  }));
}

std::uint64_t FakeServer::bytes_sent() const {
  const std::lock_guard lock(log_mutex_);
  std::uint64_t sum = 0;
  for (const Seen& seen : log_) sum += seen.sent;
  return sum;
}

std::uint64_t FakeServer::connections() const {
  const std::lock_guard lock(log_mutex_);
  return accepted_;
}

std::size_t FakeServer::most_at_once() const {
  const std::lock_guard lock(log_mutex_);
  return most_at_once_;
}

void FakeServer::clear_log() {
  const std::lock_guard lock(log_mutex_);
  log_.clear();
  most_at_once_ = at_once_;
}

void FakeServer::record(Seen seen) {
  const std::lock_guard lock(log_mutex_);
  log_.push_back(std::move(seen));
}

bool FakeServer::sleep(steady_clock::duration duration) {
  std::unique_lock lock(stop_mutex_);
  return !stopping_changed_.wait_for(lock, duration, [this] { return stopping_; });
}

void FakeServer::accept_all() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) {
      if (!sleep(std::chrono::milliseconds(1))) return;
      continue;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::uint64_t number = 0;
    {
      const std::lock_guard lock(log_mutex_);
      number = ++accepted_;
    }
    std::list<Connection> ended;
    {
      const std::lock_guard lock(connections_mutex_);
      for (auto at = connections_.begin(); at != connections_.end();) {
        const auto next = std::next(at);
        if (at->over) ended.splice(ended.end(), connections_, at);
        at = next;
      }
      Connection& added = connections_.emplace_back();
      added.fd = fd;
      added.thread = std::thread([this, &added, number] { serve(added, number); });
    }
    for (Connection& connection : ended) connection.thread.join();
  }
}

void FakeServer::serve(Connection& connection, std::uint64_t number) {
  int fd = -1;
  {
    const std::lock_guard lock(connections_mutex_);
    fd = connection.fd;
  }
  std::string buffered;
  while (auto request = read_request(fd, buffered)) {
    request->connection = number;
    {
      const std::lock_guard lock(log_mutex_);
      most_at_once_ = std::max(most_at_once_, ++at_once_);
    }
    const bool more = answer_in_turn(fd, *request);
    {
      const std::lock_guard lock(log_mutex_);
      --at_once_;
    }
    if (!more) break;
  }
  const std::lock_guard lock(connections_mutex_);
  ::close(fd);
  connection.fd = -1;
  connection.over = true;
}

Fault FakeServer::fault_for(const Request& request) {
  const std::lock_guard lock(faults_mutex_);
  for (auto at = rules_.begin(); at != rules_.end(); ++at) {
    if (!matches(*at, request)) continue;
    if (at->skip > 0) {
      --at->skip;
      continue;
    }
    Fault fault = at->fault;
    if (at->times > 0 && --at->times == 0) rules_.erase(at);
    return fault;
  }
  if (choose_) return choose_(request).value_or(Fault{});
  return {};
}

bool FakeServer::answer_in_turn(int fd, const Request& request) {
  {
    std::unique_lock lock(turns_mutex_);
    turn_free_.wait(lock, [&] { return answers_at_once_ == 0 || answering_ < answers_at_once_; });
    ++answering_;
  }
  const bool more = answer(fd, request);
  {
    const std::lock_guard lock(turns_mutex_);
    --answering_;
  }
  turn_free_.notify_one();
  return more;
}

bool FakeServer::answer(int fd, const Request& request) {
  const Fault fault = fault_for(request);
  Seen seen{request.method,          request.path, request.query,
            request.header("range"), request.body, request.connection};
  if (fault.before) fault.before();
  const auto wait = std::chrono::milliseconds(latency_ms_.load()) + fault.delay;
  if (wait.count() > 0 && !sleep(wait)) return false;
  if (fault.hang) {
    record(seen);
    pollfd gone{fd, POLLRDHUP, 0};
    while (sleep(std::chrono::milliseconds(1)) && ::poll(&gone, 1, 20) == 0) {
    }
    return false;
  }
  if (fault.drop) {
    record(seen);
    reset_on_close(fd);
    return false;
  }
  return send_answer(fd, request, fault.instead ? *fault.instead : handler_(request), fault, seen);
}

bool FakeServer::send_answer(int fd, const Request& request, const Answer& answer, const Fault& fault,
                             Seen& seen) {
  const std::uint64_t announced = std::min(answer.length, fault.shorten_to.value_or(answer.length));
  const bool cut = fault.reset_after || fault.close_after;
  const std::uint64_t sent_at_most =
      std::min({announced, fault.reset_after.value_or(announced), fault.close_after.value_or(announced)});
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", answer.status, answer.status < 400 ? "OK" : "Error");
  head += answer.chunked ? std::string("Transfer-Encoding: chunked\r\n")
                         : fmt::format("Content-Length: {}\r\n", announced);
  for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
  head += "\r\n";
  const std::uint64_t count = request.method == "HEAD" ? 0 : sent_at_most;
  seen.status = answer.status;
  seen.sent = count;
  // Record before sending, so that a client that has read the bytes finds them counted.
  record(seen);
  bool sound = send_all(fd, head.data(), head.size());
  const auto start = steady_clock::now();
  for (std::uint64_t done = 0; sound && done < count;) {
    const std::uint64_t bandwidth = bandwidth_.load();
    const std::uint64_t chunk = std::min<std::uint64_t>(
        count - done,
        bandwidth == 0 ? 256 * 1024 : std::clamp<std::uint64_t>(bandwidth / 200, 1024, 256 * 1024));
    const std::string size = fmt::format("{:x}\r\n", chunk);
    if (answer.chunked) sound = send_all(fd, size.data(), size.size());
    sound = sound && send_all(fd, answer.content->data() + answer.offset + done, chunk);
    if (answer.chunked) sound = sound && send_all(fd, "\r\n", 2);
    done += chunk;
    if (bandwidth > 0) {
      const auto due =
          start + std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(
                      static_cast<double>(done) / static_cast<double>(bandwidth)));
      const auto now = steady_clock::now();
      if (due > now) sound = sleep(due - now) && sound;
    }
  }
  if (sound && answer.chunked && !cut) {
    std::string end = "0\r\n";
    for (const auto& [name, value] : answer.trailers) end += name + ": " + value + "\r\n";
    end += "\r\n";
    sound = send_all(fd, end.data(), end.size());
  }
  if (sound && cut) {
    if (fault.reset_after) reset_on_close(fd);
    return false;
  }
  return sound && request.header("connection") != "close";
}

}  // namespace offloader::transport::testing
