#include "pool_scene.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;
using namespace std::chrono_literals;

using executor::testing::JsonRows;
using executor::testing::with_json;

TEST_F(PoolTest, Submit_QueueIsFull_IsBusyAtOnce) {
  start();
  auto running = submit(snapshot(kGated));
  gate_.await_arrivals(1);
  std::vector<std::future<Result<JsonRows>>> waiting;
  for (int i = 0; i < 8; ++i) waiting.push_back(submit(snapshot(kQuick)));
  const auto status = pool_->status();
  EXPECT_EQ(status.busy, 1U);
  EXPECT_EQ(status.waiting, 8U);
  EXPECT_EQ(code_of(submit(snapshot(kQuick))), ErrorCode::busy);
  gate_.open();
  EXPECT_EQ(json_of(std::move(running)), R"([{"n":1}])");
  for (auto& future : waiting) EXPECT_EQ(json_of(std::move(future)), R"([{"n":7}])");
}

TEST_F(PoolTest, Submit_WaitsTooLong_IsBusy) {
  options_.pool_wait = 1ms;
  start();
  // The gated query may also wait too long for its thread to start. Submit it again then.
  auto running = submit(snapshot(kGated));
  while (!gate_.reached()) {
    if (running.wait_for(0s) == std::future_status::ready) running = submit(snapshot(kGated));
    std::this_thread::yield();
  }
  EXPECT_EQ(code_of(submit(snapshot(kQuick))), ErrorCode::busy);
  EXPECT_EQ(pool_->status().waiting, 0U);
  gate_.open();
  EXPECT_EQ(json_of(std::move(running)), R"([{"n":1}])");
}

TEST_F(PoolTest, Submit_SeveralClassesWait_AreServedRoundRobin) {
  start();
  auto running = submit(snapshot(kGated));
  gate_.await_arrivals(1);
  std::string order;
  std::mutex order_mutex;
  std::vector<std::future<void>> done;
  const auto add = [&](std::uint64_t fairness, char name) {
    auto promise = std::make_shared<std::promise<void>>();
    done.push_back(promise->get_future());
    pool_->submit({plan(), snapshot(kQuick), std::make_shared<rows::JsonWriter>(), fairness, nullptr},
                  [&, promise, name](const Result<executor::Answered>&) {
                    {
                      const std::lock_guard lock(order_mutex);
                      order += name;
                    }
                    promise->set_value();
                  });
  };
  for (const char name : {'a', 'b', 'c'}) add(1, name);
  for (const char name : {'X', 'Y'}) add(2, name);
  add(3, '!');
  gate_.open();
  for (auto& future : done) future.get();
  EXPECT_EQ(order, "aX!bYc");
}

TEST_F(PoolTest, Submit_OneClassFillsTheQueue_YieldsToOthers) {
  start();
  auto running = submit(snapshot(kGated));
  gate_.await_arrivals(1);
  std::vector<std::future<Result<JsonRows>>> flood;
  for (int i = 0; i < 8; ++i) flood.push_back(submit(snapshot(kQuick), 1));
  std::vector<std::future<Result<JsonRows>>> others;
  for (int i = 0; i < 4; ++i) others.push_back(submit(snapshot(kQuick), 2));
  EXPECT_EQ(pool_->status().waiting, 8U);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(code_of(std::move(flood.back())), ErrorCode::busy) << "the newest of the class that floods";
    flood.pop_back();
  }
  EXPECT_EQ(code_of(submit(snapshot(kQuick), 2)), ErrorCode::busy) << "and no more than an even share";
  EXPECT_EQ(code_of(submit(snapshot(kQuick), 1)), ErrorCode::busy);
  gate_.open();
  EXPECT_EQ(json_of(std::move(running)), R"([{"n":1}])");
  for (auto& future : flood) EXPECT_EQ(json_of(std::move(future)), R"([{"n":7}])");
  for (auto& future : others) EXPECT_EQ(json_of(std::move(future)), R"([{"n":7}])");
}

TEST_F(PoolTest, Submit_RemoteScansAtTheirCap_LetLocalQueriesPass) {
  options_.pool_size = 3;
  options_.remote_cap = 1;
  start();
  const auto remote = instance();
  auto first = submit(snapshot(kGated, remote));
  gate_.await_arrivals(1);
  auto second = submit(snapshot(kQuick, remote));
  EXPECT_EQ(json_of(submit(snapshot(kQuick))), R"([{"n":7}])") << "local work passes it, in the same class";
  EXPECT_EQ(pool_->status().waiting, 1U);
  gate_.open();
  EXPECT_EQ(json_of(std::move(first)), R"([{"n":1}])");
  EXPECT_EQ(json_of(std::move(second)), R"([{"n":7}])");
}

TEST_F(PoolTest, Submit_RemoteQueueIsFull_LeavesRoomForLocalQueries) {
  options_.pool_size = 2;
  options_.remote_cap = 1;
  start();
  const auto remote = instance();
  auto first = submit(snapshot(kGated, remote));
  gate_.await_arrivals(1);
  std::vector<std::future<Result<JsonRows>>> waiting;
  for (int i = 0; i < 8; ++i) waiting.push_back(submit(snapshot(kQuick, remote)));
  EXPECT_EQ(code_of(submit(snapshot(kQuick, remote))), ErrorCode::busy)
      << "eight for each that they may hold";
  auto other = submit(snapshot(kQuick, remote), 2);
  EXPECT_EQ(code_of(std::move(waiting.back())), ErrorCode::busy) << "which classes share";
  waiting.pop_back();
  auto local = submit(snapshot(kGated));
  gate_.await_arrivals(2);
  for (int i = 0; i < 16; ++i) waiting.push_back(submit(snapshot(kQuick)));
  EXPECT_EQ(pool_->status().waiting, 24U);
  EXPECT_EQ(code_of(submit(snapshot(kQuick))), ErrorCode::busy);
  gate_.open();
  EXPECT_EQ(json_of(std::move(first)), R"([{"n":1}])");
  EXPECT_EQ(json_of(std::move(local)), R"([{"n":1}])");
  EXPECT_EQ(json_of(std::move(other)), R"([{"n":7}])");
  for (auto& future : waiting) EXPECT_EQ(json_of(std::move(future)), R"([{"n":7}])");
}

TEST_F(PoolTest, Cancel_WaitingOrRunningQuery_AnswersCancelled) {
  start();
  const auto run_flag = std::make_shared<CancelFlag>();
  const auto wait_flag = std::make_shared<CancelFlag>();
  auto running = submit(snapshot(kEndless), 0, run_flag);
  while (pool_->status().busy == 0) std::this_thread::yield();
  auto waiting = submit(snapshot(kQuick), 0, wait_flag);
  wait_flag->cancel();
  EXPECT_EQ(code_of(std::move(waiting)), ErrorCode::cancelled);
  EXPECT_EQ(pool_->status().busy, 1U);
  run_flag->cancel();
  EXPECT_EQ(code_of(std::move(running)), ErrorCode::cancelled);
  EXPECT_EQ(json_of(submit(snapshot(kQuick))), R"([{"n":7}])") << "the connection goes on";

  const auto raised = std::make_shared<CancelFlag>();
  raised->cancel();
  EXPECT_EQ(code_of(submit(snapshot(kQuick), 0, raised)), ErrorCode::cancelled);
}

TEST_F(PoolTest, Submit_QueryExceedsItsTimeout_IsInterrupted) {
  options_.query_timeout = 5ms;
  start();
  EXPECT_EQ(code_of(submit(snapshot(kEndless))), ErrorCode::timeout);
}

TEST_F(PoolTest, Stop_UnderLoad_AnswersEveryQueryOnce) {
  options_.pool_size = 3;
  start();
  std::vector<std::future<Result<JsonRows>>> all;
  for (int i = 0; i < 20; ++i) all.push_back(submit(snapshot(kEndless), static_cast<std::uint64_t>(i % 4)));
  while (pool_->status().busy < 3) std::this_thread::yield();
  pool_->stop();
  for (auto& future : all) EXPECT_EQ(code_of(std::move(future)), ErrorCode::cancelled);
  EXPECT_EQ(code_of(submit(snapshot(kQuick))), ErrorCode::busy);
}

TEST_F(PoolTest, Submit_TimedOutOrRejected_NamesTheEngineOnlyIfItRan) {
  options_.query_timeout = 5ms;
  start();
  const auto failure_of = [&](std::string source) {
    std::promise<executor::Outcome> promise;
    pool_->submit({plan(), snapshot(std::move(source)), std::make_shared<rows::JsonWriter>(), 0, nullptr},
                  [&](executor::Outcome outcome) { promise.set_value(std::move(outcome)); });
    return promise.get_future().get().error();
  };
  const auto late = failure_of(kEndless);
  EXPECT_EQ(late.code, ErrorCode::timeout);
  EXPECT_EQ(late.by, "duckdb");
  pool_->serve(nullptr);
  pool_->forget(ReadPool::kServing);
  const auto refused = failure_of(kQuick);
  EXPECT_EQ(refused.code, ErrorCode::busy);
  EXPECT_EQ(refused.by, "");
}

TEST_F(PoolTest, Submit_MoreShapesThanPreparedStatements_AreAnswered) {
  start();
  const auto one = snapshot(kQuick);
  std::vector<query::Plan> plans;
  for (int i = 0; i < 300; ++i) plans.push_back(plan());
  for (int round = 0; round < 2; ++round) {
    for (const auto& each : plans) {
      std::promise<Result<JsonRows>> promise;
      const auto writer = std::make_shared<rows::JsonWriter>();
      pool_->submit({each, one, writer, 0, nullptr},
                    with_json(writer, [&](Result<JsonRows> rows) { promise.set_value(std::move(rows)); }));
      ASSERT_EQ(json_of(promise.get_future()), R"([{"n":7}])");
    }
  }
}

TEST_F(PoolTest, Forget_ThreadsAreIdle_ReleasesTheInstance) {
  options_.pool_size = 4;
  start();
  auto remote = instance();
  const std::weak_ptr<duckdb::Database> alive = remote;
  auto gone = snapshot(kGated, std::move(remote));
  const auto id = gone->id();
  std::vector<std::future<Result<JsonRows>>> all;
  for (int i = 0; i < 4; ++i) all.push_back(submit(gone));
  gate_.await_arrivals(4);  // each thread has a connection and a statement
  gate_.open();
  for (auto& future : all) EXPECT_EQ(json_of(std::move(future)), R"([{"n":1}])");
  while (pool_->status().busy > 0) std::this_thread::yield();
  gone.reset();
  pool_->forget(id);
  EXPECT_TRUE(alive.expired());
}

TEST_F(PoolTest, Submit_InstanceBecomesInvalid_IsReportedAndReplaced) {
  start();
  EXPECT_EQ(code_of(submit(snapshot(kFatal))), ErrorCode::internal);
  fatal_.get_future().get();
  pool_->serve(nullptr);
  pool_->forget(ReadPool::kServing);
  const std::weak_ptr<duckdb::Database> broken = serving_;
  serving_.reset();
  EXPECT_TRUE(broken.expired());
  EXPECT_EQ(code_of(submit(snapshot(kQuick))), ErrorCode::busy);
  pool_->serve(instance());
  EXPECT_EQ(json_of(submit(snapshot(kQuick))), R"([{"n":7}])");
}

TEST_F(PoolTest, Submit_SeveralStatements_Fails) {
  start();
  const auto rows = submit(snapshot("(SELECT 1 AS n); SELECT n FROM (SELECT 2 AS n)")).get();
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::internal);
}

}  // namespace
}  // namespace offloader::local_executor
