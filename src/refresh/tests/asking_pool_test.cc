#include "asking_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <new>
#include <set>

namespace offloader::refresh {
namespace {

using namespace std::chrono_literals;

// Submits tasks that hang until the test releases them, and tasks that end at once.
class AskingPoolTest : public ::testing::Test {
 protected:
  ~AskingPoolTest() override { let_go_of_all(); }

  void make(AskingPool::Limits limits) {
    pool_ = std::make_unique<AskingPool>(limits, [this](std::string_view what) {
      const std::lock_guard lock(mutex_);
      reports_.emplace_back(what);
    });
    ASSERT_TRUE(pool_->start());
  }
  std::shared_ptr<std::atomic<bool>> hang(const std::string& origin,
                                          std::shared_ptr<std::atomic<bool>> suspected = nullptr) {
    if (!suspected) suspected = std::make_shared<std::atomic<bool>>(false);
    pool_->submit({origin, suspected, [this] {
                     std::unique_lock lock(mutex_);
                     ++hanging_;
                     changed_.notify_all();
                     changed_.wait(lock, [this] { return let_go_; });
                     --hanging_;
                   }});
    return suspected;
  }
  // Whether a task of the origin that does not hang runs. The time limit only keeps a broken pool from
  // hanging the test.
  bool is_asked(const std::string& origin) {
    auto asked = std::make_shared<std::promise<void>>();
    auto done = asked->get_future();
    pool_->submit({origin, std::make_shared<std::atomic<bool>>(false), [asked] { asked->set_value(); }});
    return done.wait_for(2min) == std::future_status::ready;
  }
  bool await_hanging(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 2min, [&] { return hanging_ >= count; });
  }
  int hanging() {
    const std::lock_guard lock(mutex_);
    return hanging_;
  }
  void let_go_of_all() {
    {
      const std::lock_guard lock(mutex_);
      let_go_ = true;
    }
    changed_.notify_all();
    if (pool_) pool_->stop();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> reports_;
  int hanging_ = 0;
  bool let_go_ = false;
  std::unique_ptr<AskingPool> pool_;
};

TEST_F(AskingPoolTest, Submit_SourcesHang_LeaveThreadsToOthers) {
  make({.lively = 2, .threads = 16, .suspected = 4, .of_one_origin = 12, .stalled_after = 5ms});
  for (int i = 0; i < 10; ++i) hang("https://hangs" + std::to_string(i));
  ASSERT_TRUE(await_hanging(10)) << "each gets a thread, as those before it stall";
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(is_asked("https://sound"));
}

TEST_F(AskingPoolTest, Submit_OneOriginHangs_HoldsOnlyItsShareOfThreads) {
  make({.lively = 2, .threads = 8, .suspected = 2, .of_one_origin = 6, .stalled_after = 5ms});
  for (int i = 0; i < 20; ++i) hang("s3://hangs");
  ASSERT_TRUE(await_hanging(6));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(is_asked("s3://sound"));
  EXPECT_EQ(hanging(), 6);
}

TEST_F(AskingPoolTest, Submit_DatasetsStalledBefore_HoldOnlyTheirShareOfThreads) {
  make({.lively = 2, .threads = 8, .suspected = 2, .of_one_origin = 6, .stalled_after = 5ms});
  for (int i = 0; i < 20; ++i)
    hang("https://hangs" + std::to_string(i), std::make_shared<std::atomic<bool>>(true));
  ASSERT_TRUE(await_hanging(2));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(is_asked("https://sound"));
  EXPECT_EQ(hanging(), 2);
}

TEST_F(AskingPoolTest, Submit_TaskStalled_IsSuspectedUntilOneEndsInTime) {
  make({.lively = 1, .threads = 4, .suspected = 1, .of_one_origin = 3, .stalled_after = 20ms});
  const auto suspected = hang("o");
  ASSERT_TRUE(await_hanging(1));
  ASSERT_TRUE(is_asked("o"));  // runs only once the first one counts as stalled
  {
    const std::lock_guard lock(mutex_);
    let_go_ = true;
  }
  changed_.notify_all();
  while (!suspected->load()) std::this_thread::yield();
  // These return at once now. More than one, because a thread that gets no processor for a while does not end
  // its task in time.
  while (suspected->load()) {
    hang("o", suspected);
    std::this_thread::sleep_for(5ms);
  }
}

TEST_F(AskingPoolTest, Submit_TaskThrows_IsReportedAndTheThreadGoesOn) {
  make({.lively = 1, .threads = 1, .suspected = 1, .of_one_origin = 1, .stalled_after = 1h});
  pool_->submit({"o", std::make_shared<std::atomic<bool>>(false), [] { throw std::bad_alloc(); }});
  ASSERT_TRUE(is_asked("o"));
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(reports_.size(), 1);
}

TEST_F(AskingPoolTest, Submit_HundredsOfTasks_UseNoMoreThreadsThanTheLimit) {
  make({.lively = 4, .threads = 4, .suspected = 1, .of_one_origin = 3, .stalled_after = 1h});
  std::set<std::thread::id> threads;
  for (int i = 0; i < 600; ++i) {
    pool_->submit({"o", std::make_shared<std::atomic<bool>>(false), [&] {
                     const std::lock_guard lock(mutex_);
                     threads.insert(std::this_thread::get_id());
                   }});
  }
  ASSERT_TRUE(is_asked("o"));
  pool_->stop();
  EXPECT_LE(threads.size(), 4);
}

}  // namespace
}  // namespace offloader::refresh
