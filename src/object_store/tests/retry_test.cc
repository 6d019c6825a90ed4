#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <thread>

#include "offloader/base/descriptor.h"
#include "offloader/object_store/testing/fake_s3.h"
#include "store_fixture.h"

namespace offloader::object_store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

class RetryTest : public ::testing::Test {
 protected:
  RetryTest() {
    contents_.put("lake", "a", bytes_);
    options_.s3.endpoint = fake_.endpoint();
    options_.s3.key_id = "AKID";
    options_.s3.secret = "secret-of-the-test";
  }

  ObjectStore& store() {
    if (!store_) store_ = make_object_store(options_, *telemetry_);
    return *store_;
  }
  void fault(transport::testing::Fault what, int times, int skip = 0) {
    fake_.server().inject(
        {.path_contains = "/lake/a", .skip = skip, .times = times, .fault = std::move(what)});
  }
  Result<std::string> read_all(ObjectStore::Call call = {}) {
    std::string out(bytes_.size(), '\0');
    if (const auto read = store().read("s3://lake/a", {0, out.size()}, out.data(), "", call); !read)
      return fail(read.error());
    return out;
  }

  const std::string bytes_ = some_bytes(200000, 9);
  testing::BucketContents contents_;
  credentials::testing::CredentialBook book_;
  credentials::testing::IssuedKeys keys_ = book_.add_keys("AKID", "secret-of-the-test");
  testing::FakeS3 fake_{contents_, book_};
  StoreOptions options_ = test_options();
  std::unique_ptr<telemetry::Telemetry> telemetry_ = telemetry::make_silent_telemetry();
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(RetryTest, Read_TransientFault_SucceedsAfterRetries) {
  transport::testing::Fault reset;
  reset.reset_after = 100000;
  transport::testing::Fault reset_at_once;
  reset_at_once.reset_after = 0;
  transport::testing::Fault closed;
  closed.close_after = 100000;
  transport::testing::Fault shortened;
  shortened.shorten_to = 199999;
  transport::testing::Fault dropped;
  dropped.drop = true;
  for (const transport::testing::Fault& what :
       {reset, reset_at_once, closed, shortened, dropped, transport::testing::status_fault(408),
        transport::testing::status_fault(429), transport::testing::status_fault(500),
        transport::testing::status_fault(502), transport::testing::status_fault(503),
        transport::testing::status_fault(504)}) {
    fake_.server().clear_log();
    fault(what, 3);
    const auto got = read_all();
    ASSERT_THAT(got, Succeeds()) << (what.instead ? what.instead->status : 0);
    EXPECT_EQ(*got, bytes_);
    EXPECT_EQ(fake_.server().count(), 4U);
  }
}

TEST_F(RetryTest, Read_PermanentFault_FailsAfterFourTries) {
  fault(transport::testing::status_fault(503), -1);
  const auto got = read_all();
  ASSERT_THAT(got, FailsWith(ErrorCode::unavailable));
  EXPECT_THAT(got.error().detail, HasSubstr("HTTP 503"));
  EXPECT_EQ(fake_.server().count(), 4U);
}

TEST_F(RetryTest, Get_FinalStatus_IsNotRetried) {
  for (const int status : {400, 401, 403, 404, 409, 412}) {
    fake_.server().clear_log();
    fault(transport::testing::status_fault(status), 1);
    EXPECT_FALSE(store().get("s3://lake/a", 1 << 20, {}).has_value()) << status;
    EXPECT_EQ(fake_.server().count(), 1U) << status;
  }
}

TEST_F(RetryTest, ReadMany_OneRangeFails_RetriesOnlyThatRange) {
  const std::string big = some_bytes(1 << 20, 10);
  contents_.put("lake", "ab", big);
  fake_.server().inject(
      {.path_contains = "/lake/ab", .times = 1, .fault = transport::testing::status_fault(503)});
  std::string first(1000, '\0'), second(1000, '\0');
  ASSERT_THAT(
      store().read_many("s3://lake/ab", {{{0, 1000}, first.data()}, {{500000, 1000}, second.data()}}, "", {}),
      Succeeds());
  EXPECT_EQ(first + second, big.substr(0, 1000) + big.substr(500000, 1000));
  EXPECT_EQ(fake_.server().count(), 3U);
}

TEST_F(RetryTest, Read_RetryAfter_WaitsThatLong) {
  fault(transport::testing::status_fault(429, "1"), 1);
  const auto start = steady_clock::now();
  EXPECT_THAT(read_all(), Succeeds());
  EXPECT_GE(steady_clock::now() - start, milliseconds(1000));
}

TEST_F(RetryTest, Read_RetryAfterBeyondDeadline_FailsAtOnce) {
  fault(transport::testing::status_fault(503, "3600"), 1);
  const auto start = steady_clock::now();
  EXPECT_THAT(read_all({.deadline = milliseconds(120000)}), FailsWith(ErrorCode::unavailable));
  EXPECT_LT(steady_clock::now() - start, milliseconds(60000));
  EXPECT_EQ(fake_.server().count(), 1U);
}

TEST_F(RetryTest, Read_HangingStore_TimesOutAtTheDeadline) {
  transport::testing::Fault hang;
  hang.hang = true;
  fault(hang, -1);
  EXPECT_THAT(read_all({.deadline = milliseconds(300)}), FailsWith(ErrorCode::timeout));
}

TEST_F(RetryTest, Read_Cancelled_EndsAtOnce) {
  transport::testing::Fault hang;
  hang.hang = true;
  fault(hang, -1);
  CancelFlag cancel;
  std::thread canceller([&] {
    while (fake_.server().count() == 0) std::this_thread::sleep_for(milliseconds(1));
    cancel.cancel();
  });
  const auto start = steady_clock::now();
  EXPECT_THAT(read_all({.deadline = milliseconds(120000), .cancel = &cancel}),
              FailsWith(ErrorCode::cancelled));
  EXPECT_LT(steady_clock::now() - start, milliseconds(60000));
  canceller.join();
}

TEST_F(RetryTest, Read_NoListener_IsUnavailable) {
  // Holds a port on which nobody listens, so that no other process can begin to.
  const Descriptor held(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(held.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::getsockname(held.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  options_.s3.endpoint = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  EXPECT_THAT(read_all(), FailsWith(ErrorCode::unavailable));
}

}  // namespace
}  // namespace offloader::object_store
