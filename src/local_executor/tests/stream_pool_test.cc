// Queries whose rows are sent while they are made, among others.

#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "pool_scene.h"

namespace offloader::local_executor {
namespace {

using namespace std::chrono_literals;

// A client that reads nothing until the test lets it.
class Client final : public rows::Writer {
 public:
  bool may_block() const override { return true; }
  Result<void> begin(const rows::Columns&) override { return {}; }
  Result<void> write(const rows::Batch&) override { return {}; }
  Result<void> flush() override {
    std::unique_lock lock(mutex_);
    waiting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return reads_ > 0; });
    --reads_;
    return {};
  }
  Result<void> finish() override { return {}; }
  rows::Page take() override { return {}; }

  void await_rows() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 60s, [&] { return waiting_; }))
      throw std::runtime_error("the stream has no rows");
  }
  // Reads what comes in so many pieces.
  void read(int pieces = 1'000'000) {
    const std::lock_guard lock(mutex_);
    reads_ = pieces;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool waiting_ = false;
  int reads_ = 0;
};

class StreamPool : public PoolTest {
 protected:
  struct Sent {
    std::shared_ptr<Client> client = std::make_shared<Client>();
    std::future<executor::Outcome> outcome;
  };
  Sent stream(std::shared_ptr<const OpenSnapshot> from, executor::Stream stream = {.group = 1, .most = 8},
              std::shared_ptr<CancelFlag> cancel = nullptr) {
    Sent out;
    query::Plan all = plan();
    all.limit = std::int64_t{1} << 40;
    auto promise = std::make_shared<std::promise<executor::Outcome>>();
    out.outcome = promise->get_future();
    pool_->submit({.plan = std::move(all),
                   .snapshot = std::move(from),
                   .writer = out.client,
                   .fairness_class = 0,
                   .cancel = std::move(cancel),
                   .stream = stream},
                  [promise](executor::Outcome outcome) { promise->set_value(std::move(outcome)); });
    return out;
  }
  static bool ended(Sent& sent) { return sent.outcome.wait_for(0s) == std::future_status::ready; }
};

TEST_F(StreamPool, Submit_StreamsAtTheirCap_LetQueriesPass) {
  options_.pool_size = 4;
  start();
  const auto local = snapshot(kQuick);
  Sent first = stream(local);
  first.client->await_rows();
  Sent second = stream(local, {.group = 2, .most = 8});
  EXPECT_EQ(json_of(submit(local)), R"([{"n":7}])");
  EXPECT_FALSE(ended(second)) << "one stream for four threads";
  first.client->read();
  EXPECT_TRUE(first.outcome.get());
  second.client->read();
  EXPECT_TRUE(second.outcome.get());
}

TEST_F(StreamPool, Submit_GroupAtItsCap_LetsOthersPass) {
  options_.pool_size = 8;
  start();
  const auto local = snapshot(kQuick);
  Sent first = stream(local, {.group = 1, .most = 1});
  first.client->await_rows();
  Sent second = stream(local, {.group = 1, .most = 1});
  Sent other = stream(local, {.group = 2, .most = 1});
  other.client->read();
  EXPECT_TRUE(other.outcome.get());
  EXPECT_FALSE(ended(second));
  first.client->read();
  second.client->read();
  EXPECT_TRUE(first.outcome.get());
  EXPECT_TRUE(second.outcome.get());
}

TEST_F(StreamPool, Submit_StreamsFillTheirPlaces_QueriesAreNotHeldUp) {
  options_.pool_size = 1;
  start();
  const auto local = snapshot(kQuick);
  Sent first = stream(local);
  first.client->await_rows();
  std::vector<Sent> waiting;
  for (int i = 0; i < 8; ++i) waiting.push_back(stream(local));
  const Error shed = stream(local).outcome.get().error();
  EXPECT_EQ(shed.code, ErrorCode::busy);
  EXPECT_THAT(shed.message, testing::HasSubstr("Too many exports are running"));
  EXPECT_EQ(json_of(submit(local)), R"([{"n":7}])");
  EXPECT_EQ(pool_->status().waiting, 0U) << "streams do not make the pool look busy";
  EXPECT_EQ(pool_->status().busy, 0U);
  first.client->read();
  for (Sent& each : waiting) each.client->read();
  for (Sent& each : waiting) EXPECT_TRUE(each.outcome.get());
}

TEST_F(StreamPool, Stream_ClientWaits_HasNoDeadline) {
  options_.pool_size = 2;
  options_.query_timeout = 200ms;
  start();
  Sent sent = stream(snapshot(kQuick));
  sent.client->await_rows();
  // Each of these ends by a deadline of its own, and together they take longer than the stream could.
  for (int i = 0; i < 11; ++i) EXPECT_EQ(code_of(submit(snapshot(kEndless))), ErrorCode::timeout);
  sent.client->read();
  EXPECT_TRUE(sent.outcome.get());
}

TEST_F(StreamPool, Stream_QueryGivesNoRows_TimesOut) {
  options_.query_timeout = 5ms;
  start();
  EXPECT_EQ(stream(snapshot(kEndless)).outcome.get().error().code, ErrorCode::timeout);
}

TEST_F(StreamPool, Forget_StreamOfAnotherSnapshotWaits_EndsWithItsNextRows) {
  start();
  auto gone = snapshot(kQuick);
  const auto id = gone->id();
  Sent before = stream(gone);
  before.client->read();
  ASSERT_TRUE(before.outcome.get());  // the thread of streams has a statement of it
  gone.reset();
  const auto cancel = std::make_shared<CancelFlag>();
  Sent endless = stream(snapshot("(SELECT i AS n FROM range(1000000000000) r(i))"), {}, cancel);
  endless.client->await_rows();
  std::atomic<bool> forgotten{false};
  std::thread forgets([&] {
    pool_->forget(id);
    forgotten = true;
  });
  while (!forgotten) {
    endless.client->read(1);
    std::this_thread::yield();
  }
  forgets.join();
  EXPECT_FALSE(ended(endless));
  cancel->cancel();
  endless.client->read();
  EXPECT_EQ(endless.outcome.get().error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace offloader::local_executor
