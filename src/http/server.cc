#include "offloader/http/server.h"

#include <sys/resource.h>

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>
#include <span>

#include "io_loop.h"
#include "offloader/base/mutex.h"
#include "offloader/telemetry/shed.h"

namespace offloader::http {

namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

class RunningServer final : public Server {
 public:
  RunningServer(std::shared_ptr<ServerState> state, std::vector<std::shared_ptr<IoLoop>> loops,
                std::uint16_t port)
      : state_(std::move(state)), loops_(std::move(loops)), port_(port) {}
  ~RunningServer() override { stop(std::chrono::milliseconds(0)); }

  // Must be called once. If it fails, no loop runs and the ports are closed.
  Result<void> start_loops() {
    const MutexLock lock(stop_mutex_);
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      auto started = loops_[i]->start();
      if (started) continue;
      stopped_ = true;
      end(std::span(loops_).first(i), std::chrono::milliseconds(0));
      for (const auto& loop : loops_) loop->close();
      return started;
    }
    return {};
  }

  std::uint16_t port() const override { return port_; }
  std::size_t threads() const override { return loops_.size(); }
  std::size_t connections() const override { return state_->connections.load(std::memory_order_acquire); }

  void post(std::size_t thread, std::function<void()> task) override {
    loops_.at(thread)->post(std::move(task));
  }

  void drain() override { state_->draining.store(true, std::memory_order_relaxed); }

  void stop(std::chrono::milliseconds grace) override {
    const MutexLock lock(stop_mutex_);
    if (std::exchange(stopped_, true)) return;
    drain();
    end(loops_, grace);
    for (const auto& loop : loops_) loop->close();
  }

 private:
  using Loops = std::span<const std::shared_ptr<IoLoop>>;

  // Stops accepting and closes the connections of these loops, which run.
  void end(Loops loops, std::chrono::milliseconds grace) {
    each(loops, [](IoLoop& loop) { loop.stop_accepting(); });
    const auto until = std::chrono::steady_clock::now() + grace;
    while (open() && std::chrono::steady_clock::now() < until) pause();
    // A connection that was accepted while the listener closed is closed by the next round.
    do {
      each(loops, [](IoLoop& loop) { loop.cut_all(); });
      if (open()) pause();
    } while (open());
  }

  static void each(Loops loops, void (*task)(IoLoop&)) {
    for (const auto& loop : loops) {
      loop->post([loop = loop.get(), task] { task(*loop); });
    }
    for (const auto& loop : loops) settle(*loop);
  }

  // Waits until everything posted so far has run.
  static void settle(IoLoop& loop) {
    struct Barrier {
      Mutex mutex;
      Condition passed;
      bool open OFFLOADER_GUARDED_BY(mutex) = false;
    };
    const auto barrier = std::make_shared<Barrier>();
    loop.post([barrier] {
      const MutexLock lock(barrier->mutex);
      barrier->open = true;
      barrier->passed.notify_all();
    });
    MutexLock lock(barrier->mutex);
    barrier->passed.wait(barrier->mutex, [&]() OFFLOADER_REQUIRES(barrier->mutex) { return barrier->open; });
  }

  [[nodiscard]] bool open() const {
    for (const auto& loop : loops_) {
      if (loop->open() > 0) return true;
    }
    return false;
  }

  static void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(2)); }

  const std::shared_ptr<ServerState> state_;
  std::vector<std::shared_ptr<IoLoop>> loops_;
  const std::uint16_t port_;
  Mutex stop_mutex_;
  bool stopped_ OFFLOADER_GUARDED_BY(stop_mutex_) = false;
};

// SO_REUSEPORT would share a port with another server, so check first that it is free by binding without it.
void claim(const Tcp::endpoint& endpoint) {
  asio::io_context io;
  Tcp::acceptor probe(io);
  probe.open(endpoint.protocol());
  probe.set_option(Tcp::acceptor::reuse_address(true));
  probe.bind(endpoint);
}

std::string why_not_listening(const boost::system::error_code& code) {
  if (code == asio::error::address_in_use) return "another process uses the port";
  if (code == boost::system::errc::address_not_available) return "this machine does not have the address";
  if (code == asio::error::access_denied) return "this process may not use the port";
  return code.message();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handler handler,
                                              ErrorResponse error_response,
                                              telemetry::Telemetry& telemetry) try {
  const std::string where = fmt::format("{}:{}", options.bind, options.port);
  const std::size_t threads = std::max<std::size_t>(options.threads, 1);
  telemetry::Gauge& open = telemetry.metrics().gauge(
      "offloader_connections", "Open client connections, by port.", {{"port", options.name}});
  telemetry::Counter& shed = telemetry::shed_counter(telemetry.metrics(), "connections");
  const auto state = std::shared_ptr<ServerState>(new ServerState{
      std::move(options), std::move(handler), std::move(error_response), telemetry, open, shed});
  std::vector<std::shared_ptr<IoLoop>> loops;
  try {
    Tcp::endpoint endpoint(asio::ip::make_address(state->options.bind), state->options.port);
    if (threads > 1 && endpoint.port() != 0) claim(endpoint);
    for (std::size_t index = 0; index < threads; ++index) {
      loops.push_back(std::make_shared<IoLoop>(state, index));
      loops.back()->listen(endpoint, threads > 1);
      endpoint.port(loops.back()->port());
    }
    auto server = std::make_unique<RunningServer>(state, std::move(loops), endpoint.port());
    if (auto started = server->start_loops(); !started) return fail(std::move(started.error()));
    return server;
  } catch (const boost::system::system_error& thrown) {
    const std::string& remedy = state->options.remedy;
    return fail(ErrorCode::unavailable,
                fmt::format("cannot listen on {}: {}{}{}", where, why_not_listening(thrown.code()),
                            remedy.empty() ? "" : "; ", remedy));
  }
} catch (const std::exception& thrown) {
  return fail(ErrorCode::internal, "the server cannot start", thrown.what());
}

std::size_t raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return static_cast<std::size_t>(setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before);
}

}  // namespace offloader::http
