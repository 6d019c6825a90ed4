#include "worker.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <future>
#include <stdexcept>
#include <string>

namespace offloader::admin {
namespace {

TEST(Worker, RunsTasksInOrderAndOutlivesOneThatThrows) {
  std::promise<int> result;
  Worker worker("work");  // ends before what its task uses
  ASSERT_TRUE(worker.submit([] { throw std::runtime_error("a task's own trouble"); }));
  ASSERT_TRUE(worker.submit([&] { result.set_value(7); }));
  EXPECT_EQ(result.get_future().get(), 7);
}

TEST(Worker, ItsThreadsHaveItsName) {
  std::promise<std::string> name;
  Worker worker("of-these-tests");  // ends before what its task uses
  ASSERT_TRUE(worker.submit([&] {
    char text[16] = {};
    ::pthread_getname_np(::pthread_self(), text, sizeof text);
    name.set_value(text);
  }));
  EXPECT_EQ(name.get_future().get(), "of-these-tests");
}

TEST(Worker, RefusesWhatWouldWaitTooLong) {
  std::promise<void> started;
  std::promise<void> go;
  Worker worker("work");  // ends before what its task uses
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

TEST(Worker, DropsWhatWaitsWhenItEnds) {
  const auto dropped = std::make_shared<int>(0);
  std::promise<void> started;
  std::promise<void> go;
  std::thread opener;
  {
    Worker worker("work");
    ASSERT_TRUE(worker.submit([&] {
      started.set_value();
      go.get_future().wait();
    }));
    started.get_future().wait();
    ASSERT_TRUE(worker.submit([dropped] {}));
    opener = std::thread([&] { go.set_value(); });
    // Whether the second one still runs is a matter of who comes first; that it is not kept is not.
  }
  opener.join();
  EXPECT_EQ(dropped.use_count(), 1);
}

}  // namespace
}  // namespace offloader::admin
