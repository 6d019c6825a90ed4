// A slow source delays only its own dataset.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "await.h"
#include "numbers_project.h"
#include "offloader/base/file.h"
#include "offloader/base/testing/temporary_folder.h"
#include "offloader/transport/testing/fake_server.h"
#include "test_server.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;
using transport::testing::FakeServer;

class SlowSource : public ::testing::Test {
 protected:
  SlowSource() {
    numbers::write_project(project());
    write("offloader.yml", "version: 1\nauth: none\nallowed_origins: [\"" + slow_.url() + "\"]\n");
    write("datasets/dripping.yml",
          "id: dripping\nmanifest: data/dripping.json\nschema: [{name: id, type: INTEGER}, {name: snapshot, "
          "type: INTEGER}, {name: note, type: VARCHAR}]\n");
    std::string manifest = numbers::manifest_text(1, kRows, slow_.url() + "/numbers.csv", "");
    manifest.replace(manifest.find("\"numbers\""), 9, "\"dripping\"");
    write("data/dripping.json", manifest);
  }
  [[nodiscard]] fs::path project() const { return folder_.path() / "project"; }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((project() / name).parent_path());
    ASSERT_TRUE(write_file_atomically(project() / name, text));
  }
  static refresh::DatasetStatus status(TestServer& server, const std::string& id) {
    for (auto& dataset : server.server().refresh_status().datasets) {
      if (dataset.dataset == id) return dataset;
    }
    return {};
  }

  static constexpr std::int64_t kRows = 20'000;
  const std::shared_ptr<const std::string> csv_ = std::make_shared<std::string>(numbers::csv_text(1, kRows));
  FakeServer slow_{[this](const transport::testing::Request& request) {
    transport::testing::Answer answer;
    answer.content = csv_;
    answer.length = csv_->size();
    answer.headers = {{"ETag", "\"v1\""}};
    const std::string range = request.header("range");
    if (range.empty()) return answer;
    const auto dash = range.find('-');
    answer.offset = std::stoull(range.substr(6, dash - 6));
    answer.length = std::stoull(range.substr(dash + 1)) + 1 - answer.offset;
    answer.status = 206;
    answer.headers.emplace_back("Content-Range",
                                "bytes " + range.substr(6) + "/" + std::to_string(csv_->size()));
    return answer;
  }};
  TemporaryFolder folder_;
};

TEST_F(SlowSource, Build_SlowSource_DelaysNoOtherDataset) {
  slow_.set_bandwidth(4'000);  // the whole file takes minutes
  TestServer server(project(), folder_.path() / "cache");
  ASSERT_TRUE(server.started()) << server.failure();
  ASSERT_TRUE(await([&] { return status(server, "dripping").building && slow_.bytes_sent() > 0; }));
  numbers::publish(project(), 1, 100);
  EXPECT_TRUE(server.refresh("numbers")) << server.failure();
  EXPECT_FALSE(status(server, "dripping").active) << "it was slow enough to be seen to delay";
  EXPECT_TRUE(status(server, "dripping").building);
  slow_.set_bandwidth(0);
  EXPECT_TRUE(await([&] { return status(server, "dripping").active.has_value(); }))
      << status(server, "dripping").refresh_error;
  EXPECT_EQ(status(server, "dripping").active->rows, kRows);
}

}  // namespace
}  // namespace offloader::app
