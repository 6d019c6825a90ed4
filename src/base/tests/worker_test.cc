#include "offloader/base/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace offloader {
namespace {

using ::testing::ElementsAre;

TEST(Worker, Submit_AfterATaskThrew_RunsTheNextTask) {
  std::promise<int> result;
  Worker worker({.name = "work", .most_waiting = 16});  // declared last: destroyed before what its tasks use
  ASSERT_TRUE(worker.submit([] { throw std::runtime_error("a task's own trouble"); }));
  ASSERT_TRUE(worker.submit([&] { result.set_value(7); }));
  EXPECT_EQ(result.get_future().get(), 7);
}

TEST(Worker, Task_Throws_IsReportedAndTheThreadContinues) {
  std::mutex reports_mutex;
  std::vector<std::string> reports;
  std::promise<std::thread::id> first;
  std::promise<std::thread::id> second;
  Worker worker({.name = "work", .most_waiting = 2, .report = [&](std::string_view what) {
                   const std::lock_guard lock(reports_mutex);
                   reports.emplace_back(what);
                 }});
  ASSERT_TRUE(worker.submit([&] {
    first.set_value(std::this_thread::get_id());
    throw std::runtime_error("a task's own trouble");
  }));
  const auto thread = first.get_future().get();
  ASSERT_TRUE(worker.submit([&] { second.set_value(std::this_thread::get_id()); }));
  EXPECT_EQ(second.get_future().get(), thread);
  const std::lock_guard lock(reports_mutex);
  EXPECT_THAT(reports, ElementsAre("a task's own trouble"));
}

TEST(Worker, Stop_Draining_RunsWaitingTasksAndRejectsNewOnes) {
  std::promise<void> started;
  std::promise<void> go;
  std::string done;
  Worker worker({.name = "work", .most_waiting = 2, .at_stop = Worker::AtStop::drain});
  ASSERT_TRUE(worker.start());
  ASSERT_TRUE(worker.submit([&, ready = go.get_future().share()] {
    started.set_value();
    ready.wait();
    done += "a";
  }));
  started.get_future().wait();
  ASSERT_TRUE(worker.submit([&] { done += "b"; }));
  ASSERT_TRUE(worker.submit([&] { done += "c"; }));
  go.set_value();
  worker.stop();
  EXPECT_EQ(done, "abc");
  Worker::Task refused = [&] { done += "d"; };
  EXPECT_FALSE(worker.offer(refused));
  refused();  // still callable: offer() left it untouched
  EXPECT_EQ(done, "abcd");
  worker.stop();
}

TEST(Worker, Threads_MoreThanOne_RunTasksConcurrently) {
  std::promise<void> met;
  Worker worker({.name = "work", .threads = 2, .most_waiting = 2, .at_stop = Worker::AtStop::drain});
  ASSERT_TRUE(worker.submit([&] { met.get_future().wait(); }));
  ASSERT_TRUE(worker.submit([&] { met.set_value(); }));
  worker.stop();
}

TEST(Worker, Threads_Started_HaveTheWorkersName) {
  std::promise<std::string> name;
  Worker worker({.name = "of-these-tests"});  // declared last: destroyed before what its tasks use
  ASSERT_TRUE(worker.submit([&] {
    char text[16] = {};
    ::pthread_getname_np(::pthread_self(), text, sizeof text);
    name.set_value(text);
  }));
  EXPECT_EQ(name.get_future().get(), "of-these-tests");
}

TEST(Worker, Submit_QueueFull_ReturnsFalse) {
  std::promise<void> started;
  std::promise<void> go;
  Worker worker({.name = "work", .most_waiting = 16});  // declared last: destroyed before what its tasks use
  ASSERT_TRUE(worker.submit([&] {
    started.set_value();
    go.get_future().wait();
  }));
  started.get_future().wait();
  int accepted = 0;
  while (worker.submit([] {})) ++accepted;
  EXPECT_EQ(accepted, 16);
  go.set_value();
}

TEST(Worker, Stop_Dropping_DestroysWaitingTasks) {
  const auto dropped = std::make_shared<int>(0);
  std::promise<void> started;
  std::promise<void> go;
  std::thread opener;
  {
    Worker worker({.name = "work", .most_waiting = 16});
    ASSERT_TRUE(worker.submit([&] {
      started.set_value();
      go.get_future().wait();
    }));
    started.get_future().wait();
    ASSERT_TRUE(worker.submit([dropped] {}));
    opener = std::thread([&] { go.set_value(); });
    // The second task may or may not run before the worker stops; either way it must be destroyed.
  }
  opener.join();
  EXPECT_EQ(dropped.use_count(), 1);
}

}  // namespace
}  // namespace offloader
