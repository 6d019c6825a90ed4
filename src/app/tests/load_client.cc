#include "load_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace offloader::app {
namespace {

using Clock = std::chrono::steady_clock;
static_assert(std::is_trivially_copyable_v<LoadResult>);

struct Client {
  int socket = -1;
  bool busy = false;
  Clock::time_point due;
  std::string out;
  std::string in;
  std::string body;  // kept only for a judge
  std::uint64_t number = 0;
  std::size_t body_left = 0;
  bool in_body = false;
  int status = 0;
};

// Runs a plan with one thread and one epoll.
class Loop {
 public:
  explicit Loop(const LoadPlan& plan) : plan_(plan), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    clients_.reserve(plan.connections);
  }

  // Runs until the plan is done or a byte arrives on `orders`, and then drains.
  LoadResult run(int orders) {
    ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);  // affects only this client process
    const auto begun = Clock::now();
    const auto end = plan_.duration.count() > 0 ? begun + plan_.duration : Clock::time_point::max();
    if (plan_.rate <= 0) open_all();
    Clock::time_point due = begun;
    const auto step =
        std::chrono::nanoseconds(plan_.rate > 0 ? static_cast<std::int64_t>(1e9 / plan_.rate) : 0);
    while (true) {
      const auto now = Clock::now();
      if (now >= end || (plan_.requests > 0 && answered_ >= plan_.requests) || told_to_stop(orders)) break;
      if (plan_.rate > 0) {
        for (; due <= now; due += step) waiting_.push_back(due);
        assign_waiting();
      }
      // Sleep rather than spin: the server shares the machine with this process.
      constexpr std::chrono::nanoseconds kLongest = std::chrono::milliseconds(1);
      wait_for_events(plan_.rate > 0 ? std::clamp(due - now, std::chrono::nanoseconds(0), kLongest)
                                     : kLongest);
    }
    result_.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    drain();
    return result_;
  }

  // Idle client: holds the connections open until `orders` is closed or written to.
  LoadResult hold(int orders, int results) {
    open_all();
    const char open = 'o';
    if (::write(results, &open, 1) != 1) ::_exit(1);
    pollfd told{orders, POLLIN | POLLHUP, 0};
    while (::poll(&told, 1, 0) == 0) wait_for_events(std::chrono::milliseconds(50));
    return result_;
  }

 private:
  static bool told_to_stop(int orders) {
    pollfd told{orders, POLLIN, 0};
    char order = 0;
    return ::poll(&told, 1, 0) == 1 && (told.revents & POLLIN) != 0 && ::read(orders, &order, 1) == 1;
  }

  bool open(Client& client) {
    client.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client.socket < 0) return false;
    const int on = 1;
    ::setsockopt(client.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(plan_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(client.socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(client.socket);
      client.socket = -1;
      return false;
    }
    ::fcntl(client.socket, F_SETFL, ::fcntl(client.socket, F_GETFL) | O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = static_cast<std::uint64_t>(&client - clients_.data());
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.socket, &event) == 0;
  }

  void open_all() {
    for (std::size_t i = 0; i < plan_.connections; ++i) {
      clients_.emplace_back();
      if (!open(clients_.back())) ++result_.errors;
    }
    if (plan_.idle) return;
    for (Client& client : clients_) {
      if (client.socket >= 0) begin(client, Clock::now());
    }
  }

  void assign_waiting() {
    while (!waiting_.empty()) {
      Client* free = nullptr;
      if (!free_.empty()) {
        free = &clients_[free_.back()];
        free_.pop_back();
      } else if (clients_.size() < plan_.connections) {
        clients_.emplace_back();
        if (!open(clients_.back())) ++result_.errors;
        free = &clients_.back();
      } else {
        return;
      }
      const auto due = waiting_.front();
      waiting_.pop_front();
      if (free->socket < 0 && !open(*free)) {
        ++result_.errors;
        continue;
      }
      begin(*free, due);
    }
  }

  void begin(Client& client, Clock::time_point due) {
    if (plan_.requests > 0 && sent_ >= plan_.requests) return;
    client.busy = true;
    client.due = due;
    client.number = sent_++;
    client.out = plan_.request(client.number);
    write_some(client);
  }

  void write_some(Client& client) {
    while (!client.out.empty()) {
      const ssize_t count = ::send(client.socket, client.out.data(), client.out.size(), MSG_NOSIGNAL);
      if (count > 0) {
        client.out.erase(0, static_cast<std::size_t>(count));
      } else if (errno == EAGAIN) {
        return;  // requests are small, so the next event can send the rest
      } else {
        return lose(client);
      }
    }
  }

  void wait_for_events(std::chrono::nanoseconds longest) {  // requires: less than a second
    epoll_event events[512];
    const timespec limit{0, longest.count()};
    const int count = ::epoll_pwait2(epoll_, events, 512, &limit, nullptr);
    for (int i = 0; i < count; ++i) read_some(clients_[events[i].data.u64]);
  }

  void read_some(Client& client) {
    if (client.socket < 0) return;
    while (true) {
      const ssize_t count = ::recv(client.socket, scrap_, sizeof scrap_, 0);
      if (count < 0 && errno == EAGAIN) return;
      if (count == 0 && !client.busy && !plan_.idle) return retire(client);
      if (count <= 0) return lose(client);
      take(client, {scrap_, static_cast<std::size_t>(count)});
      if (client.socket < 0 || static_cast<std::size_t>(count) < sizeof scrap_) return;
    }
  }

  void take(Client& client, std::string_view bytes) {
    if (!client.busy) return lose(client);  // unsolicited bytes
    if (!client.in_body) {
      client.in.append(bytes);
      const auto end = client.in.find("\r\n\r\n");
      if (end == std::string::npos) return;
      client.status = std::atoi(client.in.c_str() + 9);
      const auto length = client.in.find("Content-Length: ");
      client.body_left = length < end ? std::strtoull(client.in.c_str() + length + 16, nullptr, 10) : 0;
      client.in_body = true;
      const std::size_t here = client.in.size() - end - 4;
      client.body_left -= std::min(client.body_left, here);
      if (plan_.judge) client.body = client.in.substr(end + 4);
      client.in.clear();
    } else {
      client.body_left -= std::min(client.body_left, bytes.size());
      if (plan_.judge) client.body.append(bytes);
    }
    if (client.body_left == 0) finish(client);
  }

  void finish(Client& client) {
    const auto now = Clock::now();
    const auto micros = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now - client.due).count());
    if (client.status == 200 || client.status == 304) {
      result_.ok.add(micros);
    } else if (client.status == 503) {
      result_.shed.add(micros);
    } else {
      ++result_.other;
    }
    if (plan_.judge) judge(client);
    ++answered_;
    client.in_body = client.busy = false;
    if (draining_) return;
    if (plan_.rate > 0) {
      free_.push_back(static_cast<std::size_t>(&client - clients_.data()));
    } else {
      begin(client, now);
    }
  }

  void judge(const Client& client) {
    const auto fault = plan_.judge(client.number, client.status, client.body);
    if (!fault || result_.wrong++ > 0) return;
    fault->copy(result_.first_wrong.data(), result_.first_wrong.size() - 1);
  }

  // The server may close an idle connection; the next request opens a new one.
  static void retire(Client& client) {
    ::close(client.socket);
    client = Client{};
  }

  void lose(Client& client) {
    ++result_.errors;
    if (client.busy) ++answered_;
    const bool was_busy = client.busy;
    retire(client);
    if (draining_ || plan_.idle || !was_busy) return;
    if (plan_.rate > 0) {
      free_.push_back(static_cast<std::size_t>(&client - clients_.data()));
    } else if (open(client)) {
      begin(client, Clock::now());
    }
  }

  // Waits for requests in flight, so that all are counted.
  void drain() {
    draining_ = true;
    result_.unsent += waiting_.size();
    const auto until = Clock::now() + std::chrono::minutes(5);
    const auto busy = [this] {
      return static_cast<std::uint64_t>(
          std::count_if(clients_.begin(), clients_.end(), [](const Client& client) { return client.busy; }));
    };
    while (busy() > 0 && Clock::now() < until) wait_for_events(std::chrono::milliseconds(5));
    result_.errors += busy();
  }

  const LoadPlan& plan_;
  int epoll_;
  std::vector<Client> clients_;
  std::vector<std::size_t> free_;
  std::deque<Clock::time_point> waiting_;
  std::uint64_t sent_ = 0;
  std::uint64_t answered_ = 0;
  bool draining_ = false;
  LoadResult result_;
  char scrap_[1 << 16];
};

}  // namespace

std::uint64_t LatencyHistogram::count() const {
  std::uint64_t total = 0;
  for (const std::uint64_t count : counts_) total += count;
  return total;
}

// Values below 32 are exact; above that, there are 32 buckets per power of two.
std::size_t LatencyHistogram::bucket_of(std::uint64_t micros) {
  if (micros < 32) return micros;
  const auto power = static_cast<std::size_t>(std::bit_width(micros)) - 1;
  return std::min<std::size_t>(1023, (power - 4) * 32 + (micros >> (power - 5)) - 32);
}

double LatencyHistogram::quantile_ms(double share) const {
  const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count()));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen > 0 && seen >= wanted) {
      if (i < 32) return static_cast<double>(i) / 1000;
      const std::size_t power = i / 32 + 4;
      return static_cast<double>((i % 32 + 33) << (power - 5)) / 1000;
    }
  }
  return 0;
}

LoadClient::LoadClient(const LoadPlan& plan) {
  int results[2];
  int orders[2];
  if (::pipe2(results, O_CLOEXEC) != 0 || ::pipe2(orders, O_CLOEXEC) != 0) std::abort();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(orders[1]);
    raise_own_file_limit();
    auto loop = std::make_unique<Loop>(plan);
    const LoadResult result = plan.idle ? loop->hold(orders[0], results[1]) : loop->run(orders[0]);
    const char* bytes = reinterpret_cast<const char*>(&result);
    for (std::size_t at = 0; at < sizeof result;) {
      const ssize_t count = ::write(results[1], bytes + at, sizeof result - at);
      if (count <= 0) ::_exit(1);
      at += static_cast<std::size_t>(count);
    }
    ::_exit(0);
  }
  ::close(results[1]);
  ::close(orders[0]);
  results_ = results[0];
  orders_ = orders[1];
}

LoadClient::~LoadClient() {
  ::close(results_);
  if (orders_ >= 0) ::close(orders_);
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

void LoadClient::await_open() {
  char open = 0;
  if (::read(results_, &open, 1) != 1) std::abort();
}

void LoadClient::stop() {
  const char order = 's';
  if (::write(orders_, &order, 1) != 1) std::abort();
}

LoadResult LoadClient::finish() {
  ::close(std::exchange(orders_, -1));
  LoadResult result;
  char* bytes = reinterpret_cast<char*>(&result);
  for (std::size_t at = 0; at < sizeof result;) {
    const ssize_t count = ::read(results_, bytes + at, sizeof result - at);
    if (count <= 0) {
      result.errors = 1'000'000'000;  // the client process failed
      break;
    }
    at += static_cast<std::size_t>(count);
  }
  ::waitpid(std::exchange(pid_, -1), nullptr, 0);
  return result;
}

LoadResult run_load(const LoadPlan& plan) {
  LoadClient client(plan);
  return client.finish();
}

void raise_own_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace offloader::app
