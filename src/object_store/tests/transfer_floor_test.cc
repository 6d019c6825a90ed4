// A store that sends next to nothing: the read ends well before the deadline, with the real reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offloader/transport/testing/fake_server.h"
#include "store_fixture.h"

namespace offloader::object_store {
namespace {

using ::testing::HasSubstr;
using transport::testing::FakeServer;

class TransferFloorTest : public ::testing::Test {
 protected:
  TransferFloorTest() {
    auto options = test_options();
    // The window is longer than the time for which a busy machine may stop the server. Otherwise such a pause
    // would count as too slow, or before the first byte as a lost connection.
    options.floor = {.bytes_per_second = 16 * 1024, .window = std::chrono::seconds(3)};
    options.retry.tries = 2;
    store_ = make_object_store(std::move(options), *telemetry_);
  }
  // Reads from a server with this bandwidth.
  Result<void> read(std::uint64_t bytes_per_second) {
    server_.set_bandwidth(bytes_per_second);
    ObjectStore::Call call;
    call.deadline = std::chrono::minutes(5);
    return store_->read(server_.url() + "/file", {0, content_->size()}, buffer_.data(), {}, call);
  }

  std::shared_ptr<const std::string> content_ = std::make_shared<std::string>(some_bytes(300'000, 7));
  FakeServer server_{[this](const transport::testing::Request&) {
    transport::testing::Answer answer;
    answer.status = 206;
    answer.headers = {{"Content-Range", "bytes 0-299999/300000"}};
    answer.content = content_;
    answer.length = content_->size();
    return answer;
  }};
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::shared_ptr<ObjectStore> store_;
  std::string buffer_ = std::string(300'000, '\0');
};

TEST_F(TransferFloorTest, Read_BelowTheFloor_IsUnavailableBeforeTheDeadline) {
  const auto begun = std::chrono::steady_clock::now();
  const auto done = read(2'000);
  ASSERT_THAT(done, FailsWith(ErrorCode::unavailable));
  EXPECT_THAT(done.error().message, HasSubstr("too slowly"));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::minutes(1));
  EXPECT_EQ(server_.count("GET"), 2) << "and is tried again, as a broken connection is";
  EXPECT_THAT(telemetry_->metrics().exposition(), HasSubstr("code=\"stalled\""));
}

TEST_F(TransferFloorTest, Read_SlowButAboveTheFloor_Succeeds) {
  ASSERT_THAT(read(75'000), Succeeds());  // takes longer than the window
  EXPECT_EQ(buffer_, *content_);
}

}  // namespace
}  // namespace offloader::object_store
