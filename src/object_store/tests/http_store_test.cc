#include <atomic>

#include "offloader/object_store/url_policy.h"
#include "offloader/transport/testing/fake_server.h"
#include "store_fixture.h"

namespace offloader::object_store {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class HttpStoreTest : public ::testing::Test {
 protected:
  transport::testing::Answer answer(const transport::testing::Request& request) {
    if (request.path == "/redirect") return redirect("/object?" + request.query);
    if (request.path == "/loop") return redirect("/loop");
    if (request.path == "/away")
      return redirect("http://127.0.0.2:" + std::to_string(server_.port()) + "/object");
    if (request.path == "/other-port") return redirect("http://127.0.0.1:1/object");
    if (request.path == "/relative-away") return redirect("//127.0.0.2/object");
    if (request.path == "/dots") return redirect("/a/%2e%2e/object");
    if (request.path == "/signed" && request.method == "HEAD")
      return transport::testing::text_answer(403, "");
    if (request.path == "/no-ranges") return transport::testing::text_answer(200, bytes_);
    transport::testing::Answer out = transport::testing::text_answer(200, bytes_);
    if (!tag_.empty()) out.headers.emplace_back("ETag", tag_);
    if (!modified_.empty()) out.headers.emplace_back("Last-Modified", modified_);
    if (const std::string match = request.header("if-match"); !match.empty() && match != tag_)
      return transport::testing::text_answer(412, "");
    unsigned long first = 0, last = 0;
    if (std::sscanf(request.header("range").c_str(), "bytes=%lu-%lu", &first, &last) == 2 &&
        last < bytes_.size()) {
      out.status = 206;
      out.offset = first;
      out.length = last - first + 1;
      out.headers.emplace_back("Content-Range", "bytes " + std::to_string(first) + "-" +
                                                    std::to_string(last) + "/" +
                                                    (tells_length_ ? std::to_string(bytes_.size()) : "*"));
    }
    return out;
  }
  static transport::testing::Answer redirect(const std::string& to) {
    transport::testing::Answer out = transport::testing::text_answer(302, "moved");
    out.headers.emplace_back("Location", to);
    return out;
  }

  std::string bytes_ = some_bytes(10000, 21);
  std::string tag_ = "\"v1\"";
  std::string modified_;
  bool tells_length_ = true;  // report the whole length in the answer to a range
  transport::testing::FakeServer server_{
      [this](const transport::testing::Request& request) { return answer(request); }};
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::shared_ptr<ObjectStore> store_ = make_object_store(test_options(), *telemetry_);
};

TEST_F(HttpStoreTest, Read_UnchangedOrReplacedObject_FollowsItsTag) {
  const std::string url = server_.url() + "/object";
  const auto info = store_->stat(url, {});
  ASSERT_THAT(info, Succeeds());
  EXPECT_EQ(info->size, bytes_.size());
  EXPECT_EQ(info->tag, "v1");
  EXPECT_EQ(*store_->get(url, 1 << 20, {}), bytes_);
  std::string part(100, '\0');
  ASSERT_THAT(store_->read(url, {50, 100}, part.data(), info->tag, {}), Succeeds());
  EXPECT_EQ(part, bytes_.substr(50, 100));
  tag_ = "\"v2\"";
  EXPECT_THAT(store_->read(url, {50, 100}, part.data(), info->tag, {}), FailsWith(ErrorCode::changed));
}

TEST_F(HttpStoreTest, Read_WithCallback_ReportsArrivingBytes) {
  std::atomic<int> arrivals{0};
  const std::function<void()> came = [&] { ++arrivals; };
  ObjectStore::Call call;
  call.came = &came;
  std::string part(100, '\0');
  ASSERT_THAT(store_->read(server_.url() + "/object", {50, 100}, part.data(), "v1", call), Succeeds());
  EXPECT_GT(arrivals.load(), 0);
}

TEST_F(HttpStoreTest, Read_NoETag_ComparesDateAndLength) {
  const std::string url = server_.url() + "/object";
  tag_.clear();
  std::string part(100, '\0');
  for (const char* const date : {"Wed, 01 Jan 2025 00:00:00 GMT", ""}) {
    SCOPED_TRACE(date);
    modified_ = date;
    bytes_ = some_bytes(10000, 22);
    const auto info = store_->stat(url, {});
    ASSERT_THAT(info, Succeeds());
    EXPECT_THAT(info->tag, HasSubstr("10000"));
    EXPECT_THAT(info->tag, HasSubstr(date));
    ASSERT_THAT(store_->read(url, {50, 100}, part.data(), info->tag, {}), Succeeds());
    EXPECT_EQ(part, bytes_.substr(50, 100));
    tells_length_ = false;
    EXPECT_THAT(store_->read(url, {50, 100}, part.data(), info->tag, {}), Succeeds());
    tells_length_ = true;
    // Another object with the same date.
    bytes_ = some_bytes(10001, 23);
    EXPECT_THAT(store_->read(url, {50, 100}, part.data(), info->tag, {}), FailsWith(ErrorCode::changed));
    bytes_ = some_bytes(10000, 22);
    modified_ = "Wed, 01 Jan 2025 00:00:01 GMT";
    EXPECT_THAT(store_->read(url, {50, 100}, part.data(), info->tag, {}), FailsWith(ErrorCode::changed));
  }
}

TEST_F(HttpStoreTest, Stat_SignedUrlRefusesHead_ReadsFirstByteAndHidesSignature) {
  const std::string url = server_.url() + "/signed?X-Amz-Signature=secret-signature";
  const auto info = store_->stat(url, {});
  ASSERT_THAT(info, Succeeds());
  EXPECT_EQ(info->size, bytes_.size());
  server_.inject({.times = -1, .fault = transport::testing::status_fault(403)});
  const auto refused = store_->get(url, 10, {});
  ASSERT_THAT(refused, FailsWith(ErrorCode::unauthorized));
  EXPECT_THAT(told(refused.error()), Not(HasSubstr("secret-signature")));
  server_.clear_faults();
  server_.inject({.times = -1, .fault = transport::testing::status_fault(503)});
  const auto down = store_->get(url, 10, {});
  ASSERT_THAT(down, FailsWith(ErrorCode::unavailable));
  EXPECT_THAT(told(down.error()), Not(HasSubstr("secret-signature")));
}

TEST_F(HttpStoreTest, Get_Redirect_IsFollowedOnlyWithinTheOrigin) {
  EXPECT_EQ(*store_->get(server_.url() + "/redirect?x=1", 1 << 20, {}), bytes_);
  std::string part(10, '\0');
  EXPECT_THAT(store_->read(server_.url() + "/redirect", {0, 10}, part.data(), "", {}), Succeeds());
  EXPECT_EQ(part, bytes_.substr(0, 10));
  for (const char* path : {"/away", "/other-port", "/relative-away", "/dots"}) {
    EXPECT_THAT(store_->get(server_.url() + path, 1 << 20, {}), FailsWith(ErrorCode::rejected)) << path;
    EXPECT_THAT(store_->stat(server_.url() + path, {}), FailsWith(ErrorCode::rejected)) << path;
    EXPECT_THAT(store_->read(server_.url() + path, {0, 10}, part.data(), "", {}),
                FailsWith(ErrorCode::rejected))
        << path;
  }
  EXPECT_THAT(store_->get(server_.url() + "/loop", 1 << 20, {}), FailsWith(ErrorCode::unavailable));
  EXPECT_LE(server_.count("", "/loop"), 6U);
}

TEST_F(HttpStoreTest, Read_ServerWithoutRanges_IsUnavailableUnlessWhole) {
  std::string part(10, '\0');
  const auto read = store_->read(server_.url() + "/no-ranges", {50, 10}, part.data(), "", {});
  EXPECT_THAT(read, FailsWith(ErrorCode::unavailable));
  std::string whole(bytes_.size(), '\0');
  EXPECT_THAT(store_->read(server_.url() + "/no-ranges", {0, whole.size()}, whole.data(), "", {}),
              Succeeds());
  EXPECT_EQ(whole, bytes_);
}

TEST_F(HttpStoreTest, List_AnyUrl_IsInvalidConfig) {
  EXPECT_THAT(store_->list(server_.url() + "/", 10, {}), FailsWith(ErrorCode::invalid_config));
}

TEST_F(HttpStoreTest, Get_PrivateAddressUnderPolicy_IsRejectedUnlessListed) {
  const std::string origin = server_.url();
  const UrlPolicy listed{{origin}, {origin}};
  EXPECT_THAT(store_->get(origin + "/object", 1 << 20, {.policy = &listed}), Succeeds());
  const std::string https = "https://127.0.0.1:" + std::to_string(server_.port());
  const std::string named = "https://localhost:" + std::to_string(server_.port());
  const UrlPolicy named_only{{https, named, origin}, {}};
  server_.clear_log();
  const std::uint64_t before = server_.connections();
  EXPECT_THAT(store_->get(https + "/object", 10, {.policy = &named_only}), FailsWith(ErrorCode::rejected));
  EXPECT_THAT(store_->get(named + "/object", 10, {.policy = &named_only}), FailsWith(ErrorCode::rejected));
  EXPECT_THAT(store_->get(origin + "/object", 10, {.policy = &named_only}), FailsWith(ErrorCode::rejected));
  // Other spellings of a private address must not bypass the check.
  const std::string odd = "https://2130706433:" + std::to_string(server_.port());
  const UrlPolicy odd_only{{odd}, {}};
  EXPECT_THAT(store_->get(odd + "/object", 10, {.policy = &odd_only}), FailsWith(ErrorCode::rejected));
  EXPECT_EQ(server_.connections(), before);
}

TEST_F(HttpStoreTest, Get_ThousandsOfHeaders_Succeeds) {
  transport::testing::Fault flood;
  flood.instead = transport::testing::text_answer(200, "x");
  for (int i = 0; i < 2000; ++i)
    flood.instead->headers.emplace_back("x-" + std::to_string(i), std::string(40, 'v'));
  server_.inject({.fault = flood});
  EXPECT_THAT(store_->get(server_.url() + "/object", 1 << 20, {}), Succeeds());
}

}  // namespace
}  // namespace offloader::object_store
