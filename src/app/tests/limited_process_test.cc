// The real program where threads are scarce or a port is in use: it serves, or says why it cannot, and never
// crashes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "numbers_scene.h"
#include "offloader/base/file.h"
#include "offloader/transport/testing/fake_server.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using transport::testing::FakeServer;

int threads_of(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
  }
  return 0;
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  ASSERT_TRUE(write_file_atomically(path, text));
}

// An account for this process only, because the limit counts all processes of an account.
int own_account() {
  return 40'000 + static_cast<int>(::getpid() % 20'000);
}

// Lets any account use the folder.
void open_to_all(const fs::path& folder) {
  fs::permissions(folder, fs::perms::all);
}

TEST(LimitedProcess, Start_PortInUse_ExitsWithTheVariablesToChange) {
  NumbersScene scene;
  scene.publish(1, 10);
  ASSERT_NO_FATAL_FAILURE(scene.start());
  const std::map<std::string, std::uint16_t> ports = {{"OFFLOADER_API", scene.server().api_port()},
                                                      {"OFFLOADER_ADMIN", scene.server().admin_port()}};
  for (const auto& [variable, port] : ports) {
    ServerProcess second(scene.project(), {.environment = {{variable + "_PORT", std::to_string(port)}}});
    EXPECT_EQ(second.await_exit(), 1);
    EXPECT_THAT(second.log(), HasSubstr("cannot listen on 127.0.0.1:" + std::to_string(port) +
                                        ": another process uses the port; change " + variable + "_PORT or " +
                                        variable + "_BIND\n"));
  }
}

TEST(LimitedProcess, Start_SixHundredHangingSources_UsesABoundedNumberOfThreads) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to run as an account that the limit holds for";
  constexpr int kMostThreads = 300;
  FakeServer hangs(
      [](const transport::testing::Request&) { return transport::testing::text_answer(404, ""); });
  transport::testing::Fault hang;
  hang.hang = true;
  hangs.inject({.times = -1, .fault = hang});
  const TemporaryFolder folder;
  const fs::path project = folder.path() / "project";
  numbers::write_project(project);
  numbers::publish(project, 1, 10);
  write(project / "offloader.yml", "version: 1\nauth: none\nallowed_origins: [\"" + hangs.url() + "\"]\n");
  // Their names sort before the working dataset's, so they are asked first.
  for (int i = 0; i < 600; ++i) {
    const std::string id = "hangs_" + std::to_string(i);
    write(project / "datasets" / (id + ".yml"), "id: " + id + "\nmanifest: " + hangs.url() + "/" + id +
                                                    ".json\nschema: [{name: id, type: INTEGER}]\n");
  }
  open_to_all(folder.path());
  open_to_all(project);
  fs::create_directories(folder.path() / "cache");
  open_to_all(folder.path() / "cache");
  ServerProcess server(project, {.environment = {{"OFFLOADER_DUCKDB_THREADS", "2"}},
                                 .as_nobody = true,
                                 .account = own_account(),
                                 .cache_dir = folder.path() / "cache",
                                 .within = {"prlimit", "--nproc=" + std::to_string(kMostThreads)}});
  int most = 0;
  ASSERT_TRUE(await([&] {
    most = std::max(most, threads_of(server.pid()));
    HttpClient client(server.api_port());
    return client.get(numbers::kRows).status == 200;
  })) << server.log();
  ASSERT_TRUE(await([&] {
    most = std::max(most, threads_of(server.pid()));
    return hangs.count() >= 70;  // the most that may hang on one store
  })) << hangs.count();
  most = std::max(most, threads_of(server.pid()));
  std::printf("[ figures  ] %d threads at most\n", most);
  EXPECT_LT(most, 200);
  EXPECT_EQ(server.stop(), 0) << server.log();
}

TEST(LimitedProcess, Start_TooFewThreads_SaysSoAndExitsWithOne) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to run as an account that the limit holds for";
  const TemporaryFolder folder;
  const fs::path project = folder.path() / "project";
  numbers::write_project(project);
  numbers::publish(project, 1, 10);
  open_to_all(folder.path());
  open_to_all(project);
  fs::create_directories(folder.path() / "cache");
  open_to_all(folder.path() / "cache");
  for (const int limit : {1, 3, 8, 25, 26, 27, 34}) {
    ServerProcess server(project, {.environment = {{"OFFLOADER_DUCKDB_THREADS", "2"}},
                                   .as_nobody = true,
                                   .account = own_account(),
                                   .cache_dir = folder.path() / "cache",
                                   .within = {"prlimit", "--nproc=" + std::to_string(limit)}});
    EXPECT_EQ(server.await_exit(), 1) << limit << " threads: " << server.log();
    EXPECT_THAT(server.log(), HasSubstr("pids_limit")) << limit << " threads";
  }
}

}  // namespace
}  // namespace offloader::app
