// Every answer of a draining server tells the client to close its connection (snapshots.md, "Shutdown").

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "await.h"
#include "client_sockets.h"
#include "numbers_scene.h"

namespace offloader::app {
namespace {

using ::testing::HasSubstr;

TEST(DrainClose, Drain_KeptConnections_GetAWholeAnswerWithClose) {
  constexpr std::int64_t kRows = 100;
  NumbersScene scene;
  scene.publish(1, kRows);
  ASSERT_NO_FATAL_FAILURE(scene.start({{"OFFLOADER_DRAIN_SECONDS", "600"}}));
  const std::string asks = "GET " + std::string(numbers::kScan) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  std::vector<ClientSocket> kept;
  for (int i = 0; i < 3; ++i) {
    kept.emplace_back(scene.server().api_port());
    ASSERT_TRUE(kept.back().send(asks));
    const std::string answer = kept.back().receive();
    ASSERT_THAT(answer, HasSubstr("HTTP/1.1 200"));
    ASSERT_THAT(answer, ::testing::Not(HasSubstr("Connection: close")));
  }
  scene.server().signal(SIGTERM);
  ASSERT_TRUE(await([&] {
    HttpClient admin(scene.server().admin_port());
    return admin.get("/ready").status == 503;
  }));
  // The API port begins to drain slightly after /ready says so.
  ASSERT_TRUE(await([&] {
    HttpClient client(scene.server().api_port());
    return client.get("/healthz").headers["connection"] == "close";
  }));
  const auto whole_and_last = [&](const ClientSocket& client, const std::string& request,
                                  const char* status) {
    ASSERT_TRUE(client.send(request));
    std::string answer;
    for (std::string more = client.receive(); !more.empty(); more = client.receive()) answer += more;
    EXPECT_THAT(answer, HasSubstr(status));
    EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  };
  whole_and_last(kept[0], asks, "HTTP/1.1 200");
  whole_and_last(kept[1], "GET /v1/endpoints/none HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404");
  whole_and_last(kept[2], "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200");
  whole_and_last(ClientSocket(scene.server().api_port()), asks, "HTTP/1.1 200");
}

// Three clients that send requests until the end of the drain, and open a new connection when told to. At the
// end, the server waits half a second for the request of a new connection, so a client that the machine held
// up for longer may lose one.
TEST(DrainClose, Drain_ClientsThatObeyClose_LoseNoRequest) {
  using std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kPrompt{400};
  NumbersScene scene;
  scene.publish(1, 100);
  ASSERT_NO_FATAL_FAILURE(scene.start({{"OFFLOADER_DRAIN_SECONDS", "3"}}));
  std::atomic<int> lost{0};
  std::atomic<int> told{0};
  std::atomic<bool> stopping{false};
  std::vector<std::thread> clients;
  for (const int pause : {0, 20, 70}) {
    clients.emplace_back([&, pause] {
      const std::string asks = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
      while (true) {
        auto last_step = steady_clock::now();  // when the client connected, or sent its previous request
        const ClientSocket client(scene.server().api_port());
        if (!client.connected()) return;  // the server has stopped
        while (true) {
          const auto begun = steady_clock::now();
          const std::string answer = client.send(asks) ? client.receive() : std::string();
          if (answer.empty()) {
            if (steady_clock::now() - last_step < kPrompt) ++lost;
            break;
          }
          last_step = begun;
          const bool last = answer.find("Connection: close") != std::string::npos;
          if (last && stopping) ++told;
          if (last) break;
          std::this_thread::sleep_for(std::chrono::milliseconds(pause));
        }
      }
    });
  }
  stopping = true;
  scene.server().signal(SIGTERM);
  EXPECT_EQ(scene.server().await_exit(), 0) << scene.server().log();
  for (auto& client : clients) client.join();
  EXPECT_GT(told, 0);
  EXPECT_EQ(lost, 0);
}

}  // namespace
}  // namespace offloader::app
