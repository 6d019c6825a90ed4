#include "offloader/http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <vector>

#include "tests/test_server.h"

namespace offloader::http::test {
namespace {

using std::chrono::milliseconds;

const std::string kGet = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

void hello(const Request&, Responder responder, const std::shared_ptr<CancelFlag>&) {
  std::move(responder).send(text("hello"));
}

// Keeps the responders until the test answers.
struct Parked {
  std::mutex mutex;
  std::vector<Responder> responders;
  std::vector<std::shared_ptr<CancelFlag>> gone;

  Handler handler() {
    return [this](const Request&, Responder responder, const std::shared_ptr<CancelFlag>& flag) {
      const std::lock_guard lock(mutex);
      responders.push_back(std::move(responder));
      gone.push_back(flag);
    };
  }
  std::size_t size() {
    const std::lock_guard lock(mutex);
    return responders.size();
  }
};

ServerOptions with(Limits limits) {
  ServerOptions options;
  options.limits = limits;
  return options;
}

TEST(Server, Head_HasTheLengthButNoBody) {
  TestServer server(hello);
  RawClient client(server.server->port());
  client.send("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(client.read_to_end());
  EXPECT_NE(client.received().find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_EQ(client.received().find("hello"), std::string::npos);
}

TEST(Server, Send_204Or304_HasNeitherBodyNorLength) {
  for (const int status : {204, 304}) {
    TestServer server([status](const Request&, Responder responder, const std::shared_ptr<CancelFlag>&) {
      std::move(responder).send(text("hello", status));
    });
    RawClient client(server.server->port());
    client.send("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    ASSERT_TRUE(client.read_to_end());
    EXPECT_EQ(client.received().find("Content-Length"), std::string::npos);
    EXPECT_EQ(client.received().find("hello"), std::string::npos);
  }
}

TEST(Server, Send_FromAnotherThread_AnswersInOrder) {
  Parked parked;
  TestServer server(parked.handler());
  RawClient client(server.server->port());
  client.send(kGet + kGet);
  for (std::size_t i = 0; i < 2; ++i) {
    ASSERT_TRUE(eventually([&] { return parked.size() == i + 1; }));
    std::move(parked.responders[i]).send(text("answer " + std::to_string(i)));
    EXPECT_TRUE(client.read_text("answer " + std::to_string(i)));
  }
}

TEST(Server, Responder_DestroyedUnused_Answers500) {
  TestServer server([](const Request&, Responder, const std::shared_ptr<CancelFlag>&) {});
  RawClient client(server.server->port());
  client.send(kGet);
  EXPECT_TRUE(client.read_text("HTTP/1.1 500 "));
}

TEST(Server, ClientGoesAway_CancelsItsRequest) {
  for (const bool hard : {false, true}) {
    Parked parked;
    TestServer server(parked.handler());
    RawClient client(server.server->port());
    client.send(kGet);
    ASSERT_TRUE(eventually([&] { return parked.size() == 1; }));
    EXPECT_FALSE(parked.gone[0]->cancelled());
    hard ? client.reset() : client.half_close();
    EXPECT_TRUE(eventually([&] { return parked.gone[0]->cancelled(); }));
    EXPECT_TRUE(eventually([&] { return server.server->connections() == 0; }));
    std::move(parked.responders[0]).send(text("late"));
  }
}

TEST(Server, HalfClose_AfterRequests_AnswersThem) {
  TestServer server(hello);
  RawClient client(server.server->port());
  client.send(kGet + kGet);
  client.half_close();
  ASSERT_TRUE(client.read_to_end());
  EXPECT_EQ(occurrences(client.received(), "hello"), 2U);
}

TEST(Server, IdleConnection_PastItsLimit_IsClosed) {
  Limits limits;
  limits.idle = milliseconds(50);
  TestServer server(hello, with(limits));
  RawClient client(server.server->port());
  EXPECT_TRUE(client.read_to_end());
  EXPECT_TRUE(client.received().empty());
}

TEST(Server, SlowRequest_PastItsLimit_IsClosed) {
  for (const std::string& begun :
       {std::string("GET /x HT"),
        std::string("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab")}) {
    Limits limits;
    limits.request_arrival = milliseconds(50);
    TestServer server(hello, with(limits));
    RawClient client(server.server->port());
    client.send(begun);
    EXPECT_TRUE(client.read_to_end());
  }
}

TEST(Server, ClientThatDoesNotRead_PastItsLimit_IsClosed) {
  Limits limits;
  limits.response_write = milliseconds(50);
  TestServer server(
      [](const Request&, Responder responder, const std::shared_ptr<CancelFlag>&) {
        std::move(responder).send(text(std::string(32 << 20, 'x')));
      },
      with(limits));
  RawClient client(server.server->port(), 4096);
  // Before the request, because the connection may close right after it.
  ASSERT_TRUE(eventually([&] { return server.server->connections() == 1; }));
  client.send(kGet);
  EXPECT_TRUE(eventually([&] { return server.server->connections() == 0; }));
}

TEST(Server, UntilSent_IsKeptWhileItsAnswerIsBeingSent_AndNoLonger) {
  std::atomic<int> kept{0};
  TestServer server([&](const Request& request, Responder responder, const std::shared_ptr<CancelFlag>&) {
    Response response = text(std::string(request.target() == "/large" ? 32 << 20 : 1, 'x'),
                             request.target() == "/none" ? 304 : 200);
    ++kept;
    response.until_sent = std::shared_ptr<void>(&kept, [&](void*) { --kept; });
    std::move(responder).send(std::move(response));
  });
  {
    RawClient client(server.server->port());
    for (const char* request :
         {"GET /small HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD /small HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET /none HTTP/1.1\r\nHost: a\r\n\r\n"}) {
      client.send(request);
      ASSERT_TRUE(client.read_text("\r\n\r\n"));
      EXPECT_TRUE(eventually([&] { return kept == 0; }));
      static_cast<void>(client.take_received());
    }
  }
  {
    RawClient client(server.server->port(), 4096);
    client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(client.read_text("\r\n\r\n"));
    EXPECT_EQ(kept, 1) << "most of it has not been sent";
  }
  EXPECT_TRUE(eventually([&] { return kept == 0; })) << "the client is gone";
}

// A client that asks again as soon as it has an answer must not find the former request still running.
TEST(Server, UntilSent_OfAnAnswerThatTheClientHas_HasEnded) {
  std::atomic<int> kept{0};
  std::atomic<int> most{0};
  ServerOptions options;
  options.threads = 2;
  TestServer server(
      [&](const Request&, Responder responder, const std::shared_ptr<CancelFlag>&) {
        Response response = text(std::string(1000, 'x'));
        most = std::max(most.load(), ++kept);
        response.until_sent = std::shared_ptr<void>(&kept, [&](void*) { --kept; });
        std::move(responder).send(std::move(response));
      },
      options);
  RawClient first(server.server->port());
  RawClient second(server.server->port());
  for (int i = 0; i < 2000; ++i) {
    RawClient& client = i % 2 == 0 ? first : second;
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(client.read_text(std::string(1000, 'x')));
    static_cast<void>(client.take_received());
  }
  EXPECT_EQ(most, 1);
}

TEST(Server, ClientThatReadsSlowly_GetsItsWholeAnswer) {
  Limits limits;
  // Long enough that no part takes as long, even on a busy machine.
  limits.response_write = milliseconds(5000);
  constexpr std::size_t kSize = 8 << 20;
  TestServer server(
      [](const Request&, Responder responder, const std::shared_ptr<CancelFlag>&) {
        std::move(responder).send(text(std::string(kSize, 'x')));
      },
      with(limits));
  RawClient client(server.server->port(), 64 << 10);
  client.send("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  // The whole takes longer than the limit, but each part takes less.
  const auto begun = std::chrono::steady_clock::now();
  for (std::size_t want = kSize / 16; want <= kSize; want += kSize / 16) {
    client.read_until([&](const std::string& all) { return all.size() >= want; });
    std::this_thread::sleep_for(milliseconds(350));
  }
  EXPECT_GT(std::chrono::steady_clock::now() - begun, limits.response_write);
  ASSERT_TRUE(client.read_to_end());
  EXPECT_GT(client.received().size(), kSize);
}

TEST(Server, Connect_ManyPastTheLimit_EachGets503) {
  Limits limits;
  limits.max_connections = 1;
  TestServer server(hello, with(limits));
  RawClient first(server.server->port());
  ASSERT_TRUE(eventually([&] { return server.server->connections() == 1; }));
  std::vector<std::unique_ptr<RawClient>> others;
  for (int i = 0; i < 200; ++i) others.push_back(std::make_unique<RawClient>(server.server->port()));
  for (auto& other : others) EXPECT_TRUE(other->read_text("HTTP/1.1 503 "));
}

TEST(Server, Connect_PastTheLimit_Gets503AndIsCounted) {
  Limits limits;
  limits.max_connections = 1;
  TestServer server(hello, with(limits));
  RawClient first(server.server->port());
  ASSERT_TRUE(eventually([&] { return server.server->connections() == 1; }));
  RawClient second(server.server->port());
  EXPECT_TRUE(second.read_text("HTTP/1.1 503 "));
  first.send(kGet);
  EXPECT_TRUE(first.read_text("hello"));
  auto& metrics = server.telemetry.metrics();
  EXPECT_EQ(metrics.counter("offloader_shed_total", "", {{"reason", "connections"}}).value(), 1U);
  EXPECT_EQ(metrics.gauge("offloader_connections", "", {{"port", "test"}}).value(), 1);
}

TEST(Server, Drain_NewConnection_IsAnsweredWithConnectionClose) {
  TestServer server(hello);
  server.server->drain();
  RawClient client(server.server->port());
  client.send(kGet);
  ASSERT_TRUE(client.read_to_end());
  EXPECT_NE(client.received().find("Connection: close\r\n"), std::string::npos);
}

TEST(Server, Drain_KeptConnections_CloseAfterTheirNextAnswer) {
  TestServer server(hello);
  std::vector<std::unique_ptr<RawClient>> kept;
  for (int i = 0; i < 3; ++i) {
    kept.push_back(std::make_unique<RawClient>(server.server->port()));
    kept.back()->send(kGet);
    ASSERT_TRUE(kept.back()->read_text("hello"));
    EXPECT_EQ(kept.back()->received().find("Connection: close"), std::string::npos);
  }
  server.server->drain();
  for (auto& client : kept) {
    client->send(kGet);
    ASSERT_TRUE(client->read_to_end());
    EXPECT_EQ(occurrences(client->received(), "hello"), 2U);
    EXPECT_EQ(occurrences(client->received(), "Connection: close\r\n"), 1U);
  }
}

TEST(Server, Stop_RequestInFlight_Finishes) {
  Parked parked;
  TestServer server(parked.handler());
  RawClient idle(server.server->port());
  RawClient client(server.server->port());
  client.send(kGet);
  ASSERT_TRUE(eventually([&] { return parked.size() == 1; }));
  auto stopped = std::async(std::launch::async, [&] { server.server->stop(kPatience); });
  EXPECT_TRUE(idle.read_to_end());
  std::move(parked.responders[0]).send(text("finished"));
  ASSERT_TRUE(client.read_to_end());
  EXPECT_NE(client.received().find("finished"), std::string::npos);
  stopped.get();
  EXPECT_THROW(RawClient(server.server->port()), std::runtime_error);
}

// The loop is blocked while the server is told to stop, so that the next request of an idle connection waits
// in the kernel. The loop may see the stop or the request first. Each round delays the loop longer, until the
// stop was first in ten rounds.
TEST(Server, Stop_RequestReceivedOnAKeptConnection_IsAnswered) {
  for (int round = 0, stop_was_first = 0; stop_was_first < 10; ++round) {
    ASSERT_LT(round, 500);
    std::promise<void> held;
    std::promise<void> go;
    TestServer server(hello);
    RawClient kept(server.server->port());
    kept.send(kGet);
    ASSERT_TRUE(kept.read_text("hello"));
    server.server->post(0, [&] {
      held.set_value();
      go.get_future().wait();
    });
    held.get_future().wait();
    kept.send(kGet);
    std::promise<void> stopping;
    auto stopped = std::async(std::launch::async, [&] {
      stopping.set_value();
      server.server->stop(kPatience);
    });
    stopping.get_future().wait();
    for (int i = 0; i < round * 20; ++i) std::this_thread::yield();
    go.set_value();
    EXPECT_TRUE(kept.read_to_end());
    EXPECT_EQ(occurrences(kept.received(), "hello"), 2U) << "round " << round;
    if (occurrences(kept.received(), "Connection: close") == 1) ++stop_was_first;
    stopped.get();
  }
}

TEST(Server, Stop_PastTheGrace_ClosesAndDropsTheLateAnswer) {
  Parked parked;
  TestServer server(parked.handler());
  RawClient client(server.server->port());
  client.send(kGet);
  ASSERT_TRUE(eventually([&] { return parked.size() == 1; }));
  server.server->stop(milliseconds(0));
  EXPECT_TRUE(parked.gone[0]->cancelled());
  std::move(parked.responders[0]).send(text("late"));
  EXPECT_TRUE(client.read_to_end());
  EXPECT_TRUE(client.received().empty());
}

// The timers of the server expire during the stop, before it, and just as they are cancelled.
TEST(Server, Stop_AtAnyInstant_Ends) {
  Limits often;  // deadlines are checked every 5 ms
  often.idle = often.request_arrival = often.response_write = milliseconds(50);
  for (int round = 0; round < 500; ++round) {
    TestServer server(hello, with(often));
    std::this_thread::sleep_for(std::chrono::microseconds(4800 + round % 50 * 10));
    auto stopped = std::async(std::launch::async, [&] { server.server->stop(milliseconds(0)); });
    if (stopped.wait_for(std::chrono::minutes(1)) == std::future_status::ready) continue;
    ADD_FAILURE() << "it does not stop, in round " << round;
    std::_Exit(1);  // the destructor would hang as well
  }
}

TEST(Server, Start_PortInUse_Fails) {
  ServerOptions options;
  options.threads = 2;
  TestServer first(hello, options);
  options.port = first.server->port();
  EXPECT_THROW(TestServer(hello, options), std::runtime_error);
}

TEST(Server, Start_PortInUse_SaysSoWithTheRemedyAndNoInternals) {
  for (const std::size_t threads : {1U, 2U}) {
    ServerOptions options;
    options.threads = threads;
    TestServer first(hello, options);
    options.port = first.server->port();
    options.remedy = "change X_PORT";
    telemetry::Telemetry telemetry{std::make_unique<CountingMetrics>(), std::make_unique<SilentLog>()};
    const auto second = Server::start(
        options, hello, [](int, std::string_view) { return Response{}; }, telemetry);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_EQ(second.error().message, "cannot listen on 127.0.0.1:" + std::to_string(options.port) +
                                          ": another process uses the port; change X_PORT");
    EXPECT_EQ(second.error().detail, "");
  }
}

TEST(Server, TwoThreads_ManyConnections_AreAllServed) {
  ServerOptions options;
  options.threads = 2;
  TestServer server(hello, options);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 300; ++i) clients.push_back(std::make_unique<RawClient>(server.server->port()));
  for (auto& client : clients) client->send(kGet);
  for (auto& client : clients) EXPECT_TRUE(client->read_text("hello"));
  EXPECT_EQ(server.server->connections(), 300U);
}

}  // namespace
}  // namespace offloader::http::test
