// load_client --port N [--connections N] [--rate N] [--seconds S] [--think-ms N] [--header LINE]… TARGET
//
// Loads a server on loopback with GET requests for TARGET and prints one JSON object: what was sent and
// answered, by status, and the latencies in milliseconds. Without --rate the loop is closed: each connection
// sends its next request when it has its answer (and
// --think-ms later). With --rate it is open: so many requests a second are sent by the clock, over the
// connections in turn, pipelined where the server does not keep up, and a latency counts from when the
// request was due. One thread; a process of its own, so that it takes nothing from the server but its share
// of the machine.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Flags {
  int port = 0;
  int connections = 1;
  double rate = 0;  // requests a second; 0: closed loop
  double seconds = 1;
  int think_ms = 0;
  std::string headers;
  std::string target;
};

struct Connection {
  int socket = -1;
  std::string out;                    // not taken by the kernel yet
  std::string in;                     // not understood yet
  std::deque<Clock::time_point> due;  // of the requests without an answer
  Clock::time_point next{};           // closed loop: when to send again
};

struct Tally {
  std::uint64_t sent = 0;
  std::uint64_t ok = 0;
  std::uint64_t shed = 0;   // 503
  std::uint64_t other = 0;  // any other status
  std::uint64_t lost = 0;   // no answer: the connection broke
  std::uint64_t late = 0;   // due, and never sent, since too much was unanswered
  std::vector<float> milliseconds;
};

constexpr std::size_t kMostUnanswered = 64;  // on one connection

int connect_to(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (fd >= 0) ::close(fd);
    return -1;
  }
  return fd;
}

class Load {
 public:
  explicit Load(const Flags& flags)
      : flags_(flags),
        request_("GET " + flags.target + " HTTP/1.1\r\nhost: localhost\r\n" + flags.headers + "\r\n"),
        connections_(static_cast<std::size_t>(flags.connections)) {}

  void run() {
    const auto begun = Clock::now();
    const auto end =
        begun + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(flags_.seconds));
    const auto patience = end + std::chrono::seconds(2);  // for what is unanswered
    std::vector<pollfd> polls(connections_.size());
    while (true) {
      const auto now = Clock::now();
      const bool sending = now < end;
      if (!sending && (unanswered() == 0 || now > patience)) break;
      if (sending) send_due(begun, now);
      for (std::size_t i = 0; i < connections_.size(); ++i) {
        Connection& each = connections_[i];
        flush(each);
        polls[i] = {.fd = each.socket,
                    .events = static_cast<short>(each.out.empty() ? POLLIN : POLLIN | POLLOUT),
                    .revents = 0};
      }
      if (::poll(polls.data(), polls.size(), 1) <= 0) continue;
      for (std::size_t i = 0; i < connections_.size(); ++i) {
        if ((polls[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) receive(connections_[i]);
      }
    }
    for (Connection& each : connections_) drop(each);
    report(std::chrono::duration<double>(end - begun).count());
  }

 private:
  [[nodiscard]] std::size_t unanswered() const {
    std::size_t out = 0;
    for (const Connection& each : connections_) out += each.due.size();
    return out;
  }

  void send_due(Clock::time_point begun, Clock::time_point now) {
    if (flags_.rate <= 0) {
      for (Connection& each : connections_) {
        if (each.due.empty() && now >= each.next) send(each, now);
      }
      return;
    }
    const double passed = std::chrono::duration<double>(now - begun).count();
    for (; static_cast<double>(scheduled_) < passed * flags_.rate; ++scheduled_) {
      Connection& each = connections_[scheduled_ % connections_.size()];
      const auto due = begun + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                                   static_cast<double>(scheduled_) / flags_.rate));
      if (each.due.size() >= kMostUnanswered) {
        ++tally_.late;
      } else {
        send(each, due);
      }
    }
  }

  void send(Connection& each, Clock::time_point due) {
    if (each.socket < 0) each.socket = connect_to(flags_.port);
    if (each.socket < 0) {
      ++tally_.lost;
      each.next = Clock::now() + std::chrono::milliseconds(10);
      return;
    }
    each.out += request_;
    each.due.push_back(due);
    ++tally_.sent;
  }

  void flush(Connection& each) {
    while (!each.out.empty()) {
      const ssize_t count =
          ::send(each.socket, each.out.data(), each.out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count < 0 && errno == EAGAIN) return;
      if (count <= 0) return drop(each);
      each.out.erase(0, static_cast<std::size_t>(count));
    }
  }

  void receive(Connection& each) {
    char bytes[65536];
    const ssize_t count = ::recv(each.socket, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return drop(each);
    each.in.append(bytes, static_cast<std::size_t>(count));
    std::size_t done = 0;
    while (!each.due.empty()) {
      const std::string_view rest = std::string_view(each.in).substr(done);
      const auto head = rest.find("\r\n\r\n");
      if (head == std::string_view::npos) break;
      const std::size_t size = head + 4 + content_length(rest.substr(0, head));
      if (rest.size() < size) break;
      answered(each, std::atoi(rest.data() + 9));
      done += size;
    }
    each.in.erase(0, done);
  }

  [[nodiscard]] static std::size_t content_length(std::string_view head) {
    for (const char* name : {"\r\ncontent-length: ", "\r\nContent-Length: "}) {
      const auto at = head.find(name);
      if (at != std::string_view::npos)
        return std::strtoul(head.data() + at + std::strlen(name), nullptr, 10);
    }
    return 0;
  }

  void answered(Connection& each, int status) {
    const auto now = Clock::now();
    const std::chrono::duration<float, std::milli> taken = now - each.due.front();
    tally_.milliseconds.push_back(taken.count());
    each.due.pop_front();
    each.next = now + std::chrono::milliseconds(flags_.think_ms);
    ++(status == 200 ? tally_.ok : status == 503 ? tally_.shed : tally_.other);
  }

  void drop(Connection& each) {
    tally_.lost += each.due.size();
    if (each.socket >= 0) ::close(each.socket);
    each = Connection{
        .socket = -1, .out = {}, .in = {}, .due = {}, .next = Clock::now() + std::chrono::milliseconds(1)};
  }

  void report(double seconds) {
    auto& all = tally_.milliseconds;
    std::sort(all.begin(), all.end());
    const auto at = [&](double quantile) {
      if (all.empty()) return 0.0F;
      return all[std::min(all.size() - 1,
                          static_cast<std::size_t>(quantile * static_cast<double>(all.size())))];
    };
    std::printf(
        R"({"sent":%llu,"ok":%llu,"shed":%llu,"other":%llu,"lost":%llu,"late":%llu,"per_second":%.1f,)"
        R"("p50":%.3f,"p99":%.3f,"max":%.3f})"
        "\n",
        static_cast<unsigned long long>(tally_.sent), static_cast<unsigned long long>(tally_.ok),
        static_cast<unsigned long long>(tally_.shed), static_cast<unsigned long long>(tally_.other),
        static_cast<unsigned long long>(tally_.lost), static_cast<unsigned long long>(tally_.late),
        static_cast<double>(all.size()) / seconds, static_cast<double>(at(0.5)),
        static_cast<double>(at(0.99)), static_cast<double>(all.empty() ? 0 : all.back()));
  }

  Flags flags_;
  std::string request_;
  std::vector<Connection> connections_;
  std::size_t scheduled_ = 0;
  Tally tally_;
};

int usage() {
  std::fputs(
      "load_client --port N [--connections N] [--rate N] [--seconds S] [--think-ms N] [--header LINE]... "
      "TARGET\n",
      stderr);
  return 2;
}

}  // namespace

int main(int count, char** words) {
  Flags flags;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (!word.starts_with("--")) {
      flags.target = word;
      continue;
    }
    if (++i >= count) return usage();
    if (word == "--port")
      flags.port = std::atoi(words[i]);
    else if (word == "--connections")
      flags.connections = std::atoi(words[i]);
    else if (word == "--rate")
      flags.rate = std::atof(words[i]);
    else if (word == "--seconds")
      flags.seconds = std::atof(words[i]);
    else if (word == "--think-ms")
      flags.think_ms = std::atoi(words[i]);
    else if (word == "--header")
      flags.headers += std::string(words[i]) + "\r\n";
    else
      return usage();
  }
  if (flags.target.empty() || flags.port == 0 || flags.connections < 1) return usage();
  Load(flags).run();
}
