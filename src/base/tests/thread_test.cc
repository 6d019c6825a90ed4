#include "offloader/base/thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <new>
#include <stdexcept>
#include <vector>

namespace offloader {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Thread, Start_LongName_SetsTheFirst15Characters) {
  char name[16] = {};
  Thread thread;
  ASSERT_TRUE(thread.start({.name = "a-name-of-many-letters"},
                           [&] { ::pthread_getname_np(::pthread_self(), name, 16); }));
  thread.join();
  EXPECT_STREQ(name, "a-name-of-many-");
}

TEST(Thread, Body_Throws_IsReportedAndEndsOnlyTheThread) {
  std::vector<std::string> reported;
  for (const bool known : {true, false}) {
    Thread thread;
    ASSERT_TRUE(thread.start(
        {.name = "throws", .report = [&](std::string_view what) { reported.emplace_back(what); }}, [&] {
          if (known) throw std::runtime_error("what happened");
          throw 7;
        }));
  }
  EXPECT_THAT(reported, ElementsAre("what happened", HasSubstr("unknown")));
}

TEST(Thread, Restart_BodyThrows_CallsItUntilItReturns) {
  int calls = 0;
  int reports = 0;
  {
    Thread thread;
    ASSERT_TRUE(
        thread.start({.name = "loop",
                      .report =
                          [&](std::string_view) {
                            ++reports;
                            throw std::bad_alloc();  // a report that fails must not end the thread either
                          },
                      .after = Thread::AfterEscape::restart},
                     [&] {
                       if (++calls < 3) throw std::bad_alloc();
                     }));
  }
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(reports, 2);
}

TEST(Thread, StopProcess_BodyThrows_RaisesSigterm) {
  EXPECT_EXIT(
      {
        sigset_t stop;
        sigemptyset(&stop);
        sigaddset(&stop, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &stop, nullptr);  // inherited by the next thread
        Thread thread;
        const bool started =
            thread.start({.name = "needed", .after = Thread::AfterEscape::stop_process}, [] { throw 7; })
                .has_value();
        int signal = 0;
        const bool raised = started && sigwait(&stop, &signal) == 0 && signal == SIGTERM;
        thread.join();
        ::_exit(raised ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(Thread, Restart_WithoutAPause_IsImmediate) {
  int calls = 0;
  const auto begun = std::chrono::steady_clock::now();
  {
    Thread thread;
    ASSERT_TRUE(thread.start(
        {.name = "loop", .after = Thread::AfterEscape::restart, .pause = std::chrono::milliseconds(0)}, [&] {
          if (++calls < 1000) throw 7;
        }));
  }
  EXPECT_EQ(calls, 1000);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(50));
}

// Runs `check` in a forked process as an unprivileged user, because the limit does not apply to root.
template <typename Check>
[[noreturn]] void without_threads(Check check) {
  if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(2);
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_NPROC, &none) != 0) ::_exit(3);
  ::_exit(check() ? 0 : 1);
}

TEST(Thread, Start_ProcessLimitReached_ReturnsBusy) {
  EXPECT_EXIT(without_threads([] {
                Thread thread;
                const auto started = thread.start({.name = "refused"}, [] {});
                return !started && started.error().code == ErrorCode::busy && !thread.joinable() &&
                       started.error().message.find("pids_limit") != std::string::npos;
              }),
              ::testing::ExitedWithCode(0), "");
}

TEST(SideBySide, Run_NoOtherThreadStarts_TheCallerDoesAllWork) {
  EXPECT_EXIT(without_threads([] {
                std::atomic<int> next{0};
                std::atomic<int> done{0};
                const auto ran = run_side_by_side(7, "side", [&] {
                  while (next.fetch_add(1) < 20) done.fetch_add(1);
                });
                return ran.has_value() && done.load() == 20;
              }),
              ::testing::ExitedWithCode(0), "");
}

TEST(SideBySide, Run_OneCallThrows_FailsAfterAllHaveReturned) {
  std::atomic<int> next{0};
  std::atomic<int> returned{0};
  const auto ran = run_side_by_side(3, "side", [&] {
    const int mine = next.fetch_add(1);
    returned.fetch_add(1);
    if (mine == 2) throw std::bad_alloc();
  });
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, ErrorCode::busy);
  EXPECT_THAT(ran.error().message, HasSubstr("memory"));
  EXPECT_EQ(returned.load(), 4);
}

}  // namespace
}  // namespace offloader
