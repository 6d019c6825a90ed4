// A server with one small answer, for bench/hit-vs-nginx.sh: two shared pieces and an owned one, 1.7 KB in
// all.
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "offloader/http/server.h"

namespace {

using namespace offloader;

class NoMetrics final : public telemetry::Metrics {
 public:
  telemetry::Counter& counter(const std::string&, const std::string&, const telemetry::Labels&) override {
    return counter_;
  }
  telemetry::Gauge& gauge(const std::string&, const std::string&, const telemetry::Labels&) override {
    return gauge_;
  }
  telemetry::Histogram& histogram(const std::string&, const std::string&, const telemetry::Labels&) override {
    return histogram_;
  }
  void remove(const std::string&, const std::string&) override {}
  std::shared_ptr<void> on_collect(std::function<void()>) override { return nullptr; }
  std::string exposition() override { return {}; }

 private:
  telemetry::Counter counter_;
  telemetry::Gauge gauge_;
  telemetry::Histogram histogram_;
};

class NoLog final : public telemetry::Log {
 public:
  bool enabled(telemetry::Level) const override { return false; }
  void write(telemetry::Level, std::string_view, std::initializer_list<telemetry::Field>) override {}
  void flush() override {}
};

}  // namespace

int main(int argc, char** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  telemetry::Telemetry telemetry(std::make_unique<NoMetrics>(), std::make_unique<NoLog>());
  const auto head = std::make_shared<const std::string>(std::string(1450, 'a'));
  const auto tail = std::make_shared<const std::string>(std::string(50, 'b'));
  http::ServerOptions options;
  options.name = "hello";
  options.port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0);
  auto server = http::Server::start(
      options,
      [&](const http::Request&, http::Responder responder, const std::shared_ptr<CancelFlag>&) {
        http::Response response;
        response.headers =
            "Content-Type: application/json\r\nCache-Control: private, no-store\r\nX-Content-Type-Options: "
            "nosniff\r\n";
        response.body.append(head);
        response.body.append(std::string(200, 'm'));
        response.body.append(tail);
        std::move(responder).send(std::move(response));
      },
      [](int status, std::string_view message) {
        http::Response response;
        response.status = status;
        response.body.append(std::string(message));
        return response;
      },
      telemetry);
  if (!server) {
    std::cerr << server.error().message << '\n';
    return 1;
  }
  std::cout << (*server)->port() << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  (*server)->stop(std::chrono::seconds(1));
  return 0;
}
