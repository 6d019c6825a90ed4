// Signals to the real program: SIGHUP reloads, SIGTERM drains, and a second SIGTERM or SIGINT ends it
// (snapshots.md, "Config reload" and "Shutdown").

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "numbers_scene.h"
#include "offloader/base/file.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kFew = 1'000;
constexpr std::int64_t kMany = 800'000;  // takes a while to build

bool draining(NumbersScene& scene) {
  HttpClient admin(scene.server().admin_port());
  const Answer ready = admin.get("/ready");
  const json body = json::parse(ready.body, nullptr, false);
  return ready.status == 503 && body.is_object() && body.value("draining", false);
}

// Starts the program and waits until it handles signals as a running server does. It may be ready a moment
// before, when SIGTERM still ends a start; but it does not reload the project before.
void start_and_run(NumbersScene& scene, const std::string& drain_seconds) {
  ASSERT_NO_FATAL_FAILURE(scene.start({{"OFFLOADER_DRAIN_SECONDS", drain_seconds}}));
  scene.server().signal(SIGHUP);
  ASSERT_TRUE(await([&] { return scene.server().log().contains("was read again and is unchanged"); }))
      << scene.server().log();
}

TEST(Shutdown, Drain_NewConnection_IsServedThoughNotReady) {
  NumbersScene scene;
  scene.publish(1, kFew);
  ASSERT_NO_FATAL_FAILURE(start_and_run(scene, "600"));
  scene.server().signal(SIGTERM);
  ASSERT_TRUE(await([&] { return draining(scene); }));
  HttpClient client(scene.server().api_port());  // a connection opened during the drain
  std::string problem;
  EXPECT_EQ(numbers::whole_snapshot(client.get(numbers::kRows), kFew, problem), 1) << problem;
  EXPECT_EQ(numbers::scanned_snapshot(client.get(numbers::kScan), kFew, problem), 1) << problem;
  HttpClient admin(scene.server().admin_port());
  EXPECT_EQ(admin.get("/live").status, 200);
}

TEST(Shutdown, Drain_Elapsed_ExitsWithZero) {
  NumbersScene scene;
  scene.publish(1, kFew);
  ASSERT_NO_FATAL_FAILURE(start_and_run(scene, "1"));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(scene.stop(), 0) << scene.server().log();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  EXPECT_GE(taken.count(), 1) << "balancers were given the time to notice";
  std::printf("[ figures  ] a drain of 1 s and the exit after it took %.2f s\n", taken.count());
}

TEST(Shutdown, Drain_SecondSignal_ExitsAtOnce) {
  NumbersScene scene;
  scene.publish(1, kFew);
  ASSERT_NO_FATAL_FAILURE(start_and_run(scene, "600"));
  scene.server().signal(SIGTERM);
  ASSERT_TRUE(await([&] { return draining(scene); }));
  scene.server().signal(SIGHUP);  // does not end the drain
  scene.server().signal(SIGINT);
  EXPECT_EQ(scene.server().await_exit(), 1) << scene.server().log();
}

// A client that requests far more than any socket buffers hold, and never reads.
class DeafClient {
 public:
  explicit DeafClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int small = 4096;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    std::string requests;
    for (int i = 0; i < 16; ++i)
      requests += "GET " + std::string(numbers::kRows) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    connected_ = connected_ && ::send(socket_, requests.data(), requests.size(), MSG_NOSIGNAL) ==
                                   static_cast<ssize_t>(requests.size());
  }
  ~DeafClient() { ::close(socket_); }
  DeafClient(const DeafClient&) = delete;
  DeafClient& operator=(const DeafClient&) = delete;
  // Returns whether an answer has begun to arrive.
  [[nodiscard]] bool answered() const {
    char byte = 0;
    return connected_ && ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
  }

 private:
  int socket_;
  bool connected_ = false;
};

TEST(Shutdown, RequestsInFlight_SecondSignal_ExitsAtOnce) {
  NumbersScene scene;
  scene.publish(1, 100'000);
  ASSERT_NO_FATAL_FAILURE(start_and_run(scene, "0"));
  const DeafClient client(scene.server().api_port());
  ASSERT_TRUE(await([&] { return client.answered(); }));
  const auto begun = std::chrono::steady_clock::now();
  scene.server().signal(SIGTERM);
  ASSERT_TRUE(await([&] { return draining(scene); })) << "it ended before its requests did";
  scene.server().signal(SIGTERM);
  EXPECT_EQ(scene.server().await_exit(), 1) << "0: it waited for the client";
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  std::printf("[ figures  ] ended %.2f s after the first signal, with a request in flight\n", taken.count());
}

TEST(Shutdown, Stop_DuringABuild_LeavesNoPartialFiles) {
  NumbersScene scene;
  scene.publish(1, kFew);
  // A build may be done before the program stops; then stop it during the build of another snapshot.
  bool stopped_during_a_build = false;
  for (int number = 2; number < 12 && !stopped_during_a_build; ++number) {
    ASSERT_NO_FATAL_FAILURE(scene.start({{"OFFLOADER_DRAIN_SECONDS", "0"}}));
    scene.publish(number, kMany);
    HttpClient admin(scene.server().admin_port());
    ASSERT_EQ(admin.send("POST", "/datasets/numbers/refresh?wait=false", kAdminToken).status, 202);
    const auto built = [&] { return !scene.file_of(number, ".duckdb").empty(); };
    ASSERT_TRUE(await([&] { return !numbers::disorder(scene.cache()).empty() || built(); }))
        << "a partial file";
    EXPECT_EQ(scene.stop(), 0) << scene.server().log();
    EXPECT_THAT(numbers::disorder(scene.cache()), IsEmpty());
    stopped_during_a_build = !built();
  }
  EXPECT_TRUE(stopped_during_a_build);
}

TEST(Signals, Hangup_ValidOrInvalidProject_ReloadsOrRejectsIt) {
  NumbersScene scene;
  scene.publish(1, kFew);
  ASSERT_NO_FATAL_FAILURE(scene.start());
  const fs::path file = scene.project() / "endpoints/rows.yml";
  const std::string sound = read_file(file, 1 << 20).value();
  const auto with_version = [&](const std::string& version) {
    std::string text = sound;
    text.replace(text.find("version: 1"), 10, "version: " + version);
    return text;
  };
  HttpClient admin(scene.server().admin_port());
  const auto version = [&] {
    const json schema = json::parse(admin.get("/schema").body);
    for (const json& endpoint : schema["endpoints"]) {
      if (endpoint["name"] == "rows") return endpoint["version"].get<int>();
    }
    return 0;
  };
  ASSERT_EQ(version(), 1);
  ASSERT_TRUE(write_file_atomically(file, with_version("2")));
  scene.server().signal(SIGHUP);
  EXPECT_TRUE(await([&] { return version() == 2; })) << scene.server().log();
  ASSERT_TRUE(write_file_atomically(file, with_version("none")));
  scene.server().signal(SIGHUP);
  EXPECT_TRUE(await([&] { return scene.server().log().find("Reload rejected") != std::string::npos; }));
  EXPECT_EQ(version(), 2);
  scene.expect_serves(1);
  ASSERT_TRUE(write_file_atomically(file, with_version("3")));
  scene.server().signal(SIGHUP);
  EXPECT_TRUE(await([&] { return version() == 3; }));
  EXPECT_EQ(scene.stop(), 0);
}

}  // namespace
}  // namespace offloader::app
