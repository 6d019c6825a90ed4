// A store that accepts connections and never answers takes few threads and delays no other dataset.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>

#include "await.h"
#include "numbers_project.h"
#include "offloader/base/descriptor.h"
#include "offloader/base/file.h"
#include "offloader/base/testing/temporary_folder.h"
#include "sanitized.h"
#include "test_server.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;

std::size_t threads_of_this_process() {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator()));
}

// Never accepts: connections stay in its backlog.
class SilentListener {
 public:
  SilentListener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_.get(), 1024), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  Descriptor socket_;
  std::string url_;
};

class HangingStore : public ::testing::Test {
 protected:
  HangingStore() {
    numbers::write_project(project());
    write("offloader.yml", "version: 1\nauth: none\nallowed_origins: [\"" + store_.url() + "\"]\n");
    for (int i = 0; i < kDatasets; ++i) {
      const std::string id = "hung_" + std::to_string(i);
      write("datasets/" + id + ".yml", "id: " + id + "\nmanifest: " + store_.url() + "/" + id +
                                           ".json\nschema: [{name: id, type: INTEGER}]\n");
    }
    numbers::publish(project(), 1, 100);
  }
  [[nodiscard]] fs::path project() const { return folder_.path() / "project"; }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((project() / name).parent_path());
    ASSERT_TRUE(write_file_atomically(project() / name, text));
  }

  static constexpr int kDatasets = 300;
  SilentListener store_;
  TemporaryFolder folder_;
};

TEST_F(HangingStore, Refresh_ThreeHundredHangingDatasets_DelaysNoOther) {
  const std::size_t before = threads_of_this_process();
  TestServer server(project(), folder_.path() / "cache");
  ASSERT_TRUE(server.started()) << server.failure();
  const auto serves = [&] {
    for (const auto& dataset : server.server().refresh_status().datasets) {
      if (dataset.dataset == "numbers") return dataset.active.has_value();
    }
    return false;
  };
  ASSERT_TRUE(await(serves));
  for (int generation = 2; generation < 6; ++generation) {
    numbers::publish(project(), generation, 100);
    EXPECT_TRUE(server.refresh("numbers")) << server.failure();
    EXPECT_LT(threads_of_this_process() - before + 1, 45U);
  }
  // A request to a store that sends nothing would end by itself only after ten seconds.
  const auto begun = std::chrono::steady_clock::now();
  server.server().shut_down([] { return true; });
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  EXPECT_LT(taken, std::chrono::seconds(5));
  std::printf("[ figures  ] stopped after %.3f s\n", taken.count());
}

}  // namespace
}  // namespace offloader::app
