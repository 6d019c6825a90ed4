// What the server does if descriptors or memory run out, and with connections that arrive while it stops.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <future>
#include <new>
#include <optional>
#include <string>

#include "tests/test_server.h"

namespace offloader::http::test {
namespace {

const std::string kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

void hello(const Request&, Responder responder, const std::shared_ptr<CancelFlag>&) {
  std::move(responder).send(text("hello"));
}

TEST(Exhaustion, Connect_PastTheDescriptorLimit_Gets503) {
  ServerOptions options;
  options.limits.max_descriptor = 3;  // the process already uses these
  TestServer server(hello, options);
  for (int i = 0; i < 3; ++i) {
    RawClient client(server.server->port());
    ASSERT_TRUE(client.read_to_end());
    EXPECT_TRUE(client.received().starts_with("HTTP/1.1 503 ")) << client.received();
  }
  EXPECT_EQ(server.server->connections(), 0U);
}

TEST(Exhaustion, Connect_OutOfDescriptors_IsServedOnceSomeAreFree) {
  TestServer server(hello);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  RawClient client(server.server->port());
  // Twice, because the undefined-behaviour sanitizer must meet all types of a kept connection before
  // (descriptor_limit.h).
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.send(kGet) && client.read_text("hello"));
    EXPECT_NE(client.take_received(), "");
  }
  RawClient waiting(server.server->port());
  ASSERT_TRUE(waiting.send(kGet) && waiting.read_text("hello"));
  // Leaves one descriptor for the client, and none for the server's end of the connection.
  const int own = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const rlimit few{static_cast<rlim_t>(own) + 1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.server->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  void* raw = &address;
  ASSERT_EQ(::connect(own, static_cast<sockaddr*>(raw), sizeof address), 0);
  ASSERT_EQ(::send(own, kGet.data(), kGet.size(), MSG_NOSIGNAL), static_cast<ssize_t>(kGet.size()));
  EXPECT_TRUE(client.send(kGet) && client.read_text("hello")) << "others are served meanwhile";
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  pollfd answered{own, POLLIN, 0};
  EXPECT_EQ(::poll(&answered, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())), 1);
  ::close(own);
}

TEST(Exhaustion, Handler_OutOfMemory_FailsOnlyItsRequest) {
  TestServer server([](const Request& request, Responder responder, const std::shared_ptr<CancelFlag>& gone) {
    if (request.target() == "/none") throw std::bad_alloc();
    hello(request, std::move(responder), gone);
  });
  RawClient client(server.server->port());
  client.send("GET /none HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(client.read_text("HTTP/1.1 500 "));
  RawClient next(server.server->port());
  next.send(kGet);
  EXPECT_TRUE(next.read_text("hello"));
}

// The error response cannot be made for want of memory either.
TEST(Exhaustion, ErrorResponse_OutOfMemory_ClosesOnlyItsConnection) {
  telemetry::Telemetry telemetry{std::make_unique<CountingMetrics>(), std::make_unique<SilentLog>()};
  ServerOptions options;
  options.name = "test";
  auto started = Server::start(
      std::move(options),
      [](const Request& request, Responder responder, const std::shared_ptr<CancelFlag>& gone) {
        if (request.target() == "/throws") throw std::bad_alloc();
        if (request.target() == "/drops") return;  // destroys the responder unused
        hello(request, std::move(responder), gone);
      },
      [](int, std::string_view) -> Response { throw std::bad_alloc(); }, telemetry);
  ASSERT_TRUE(started);
  for (const std::string target : {"/throws", "/drops"}) {
    RawClient client((*started)->port());
    client.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(client.read_to_end()) << target;
    EXPECT_TRUE(client.received().empty()) << client.received();
  }
  RawClient next((*started)->port());
  next.send(kGet);
  EXPECT_TRUE(next.read_text("hello"));
  EXPECT_TRUE(eventually([&] { return (*started)->connections() == 1; }));
}

class CountingLog final : public telemetry::Log {
 public:
  explicit CountingLog(std::atomic<int>& lines) : lines_(lines) {}
  bool enabled(telemetry::Level) const override { return true; }
  void write(telemetry::Level, std::string_view, std::initializer_list<telemetry::Field>) override {
    ++lines_;
  }
  void flush() override {}

 private:
  std::atomic<int>& lines_;
};

TEST(Exhaustion, Admit_Throws_IsLoggedAndTheNextConnectionIsAdmitted) {
  std::atomic<int> lines{0};
  telemetry::Telemetry telemetry{std::make_unique<CountingMetrics>(), std::make_unique<CountingLog>(lines)};
  ServerOptions options;
  options.name = "test";
  options.limits.max_descriptor = 3;  // the process already uses these, so each connection is refused
  std::atomic<int> refusals{0};
  auto started = Server::start(
      std::move(options), hello,
      [&](int status, std::string_view message) -> Response {
        const int refusal = refusals++;
        if (refusal == 0) throw 7;  // not a std::exception
        if (refusal == 1) throw std::bad_alloc();
        return text(std::string(message), status);
      },
      telemetry);
  ASSERT_TRUE(started);
  for (int i = 0; i < 2; ++i) {
    RawClient client((*started)->port());
    EXPECT_TRUE(client.read_to_end());
    EXPECT_TRUE(client.received().empty()) << client.received();
  }
  EXPECT_GE(lines.load(), 1);
  RawClient next((*started)->port());
  ASSERT_TRUE(next.read_to_end());
  EXPECT_TRUE(next.received().starts_with("HTTP/1.1 503 ")) << next.received();
}

// Stops a server and sends the first request of a connection after that. Before, the loop is held up for
// `held`. The request must arrive within half a second, so returns nullopt if it may have been sent too late,
// and otherwise what the client received.
std::optional<std::string> first_request_after_stop(std::chrono::milliseconds held) {
  std::promise<void> holding;
  std::promise<void> let_go;
  TestServer server(
      [&](const Request& request, Responder responder, const std::shared_ptr<CancelFlag>& gone) {
        if (request.target() == "/hold") {
          holding.set_value();
          let_go.get_future().wait();
        }
        hello(request, std::move(responder), gone);
      });
  RawClient fresh(server.server->port());
  RawClient other(server.server->port());
  EXPECT_TRUE(eventually([&] { return server.server->connections() == 2; }));
  other.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  holding.get_future().wait();
  auto stopped = std::async(std::launch::async, [&] { server.server->stop(kPatience); });
  std::this_thread::sleep_for(held);
  const auto begun = std::chrono::steady_clock::now();
  let_go.set_value();
  EXPECT_TRUE(eventually([&] {
    try {
      const RawClient probe(server.server->port());
      return false;
    } catch (const std::runtime_error&) {
      return true;
    }
  }));
  fresh.send(kGet);
  EXPECT_TRUE(fresh.read_to_end());
  const bool in_time = std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(500);
  stopped.get();
  return in_time ? std::optional(fresh.received()) : std::nullopt;
}

void expect_answer_after_stop(std::chrono::milliseconds held) {
  std::optional<std::string> received;
  for (int round = 0; !received && round < 100; ++round) received = first_request_after_stop(held);
  ASSERT_TRUE(received) << "no round was in time";
  EXPECT_NE(received->find("Connection: close\r\n"), std::string::npos) << *received;
  EXPECT_NE(received->find("hello"), std::string::npos) << *received;
}

TEST(Exhaustion, Stop_FreshConnection_MayStillSendItsFirstRequest) {
  expect_answer_after_stop(std::chrono::milliseconds(0));
}

// The loop's time is behind by more than the half second and a sweep when the deadline is set.
TEST(Exhaustion, Stop_LoopWasHeldUp_FreshConnectionStillHasItsTime) {
  expect_answer_after_stop(std::chrono::milliseconds(1500));
}

}  // namespace
}  // namespace offloader::http::test
