// SIGTERM ends a start at once, whatever it is waiting for (snapshots.md, "Boot").

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "await.h"
#include "offloader/app/signals.h"
#include "offloader/transport/testing/fake_server.h"
#include "server_process.h"

namespace offloader::app {
namespace {

using std::chrono::steady_clock;
using transport::testing::FakeServer;

// A bucket whose store always has this fault, for the program to read its project from.
struct BucketStart {
  explicit BucketStart(transport::testing::Fault fault) {
    store.inject({.times = -1, .fault = std::move(fault)});
  }
  std::map<std::string, std::string> environment() const {
    return {{"OFFLOADER_S3_KEY_ID", "key"},
            {"OFFLOADER_S3_SECRET", "secret"},
            {"OFFLOADER_S3_ENDPOINT", store.url()}};
  }
  FakeServer store{
      [](const transport::testing::Request&) { return transport::testing::text_answer(404, ""); }};
};

void expect_ends_soon(ServerProcess& server) {
  const auto begun = steady_clock::now();
  server.signal(SIGTERM);
  EXPECT_EQ(server.await_exit(), 0) << server.log();
  const std::chrono::duration<double> taken = steady_clock::now() - begun;
  EXPECT_LT(taken.count(), 20) << "a second, and what a busy machine adds; the wait itself is of a minute";
  std::printf("[ figures  ] ended %.2f s after the signal\n", taken.count());
}

TEST(StartSignals, Terminate_BucketAnswersWithErrors_EndsTheStart) {
  const BucketStart scene(transport::testing::status_fault(503));
  ServerProcess server("s3://bucket/project", {.environment = scene.environment()});
  ASSERT_TRUE(await([&] { return scene.store.count() >= 5; }))
      << server.log();  // now it waits between retries
  expect_ends_soon(server);
}

TEST(StartSignals, Terminate_BucketHangs_EndsTheStart) {
  transport::testing::Fault hang;
  hang.hang = true;
  const BucketStart scene(hang);
  ServerProcess server("s3://bucket/project", {.environment = scene.environment()});
  ASSERT_TRUE(await([&] { return scene.store.count() >= 1; })) << server.log();
  expect_ends_soon(server);
}

// The second signal is sent while the first one is handled: by the time that another thread has seen the
// first one, it may have ended the start.
TEST(StartSignals, SecondSignal_DuringAStart_ExitsWithOne) {
  EXPECT_EXIT(
      {
        const auto signals = Signals::watch();
        (*signals)->stop_asked().on_cancel([] { ::kill(::getpid(), SIGINT); });
        ::kill(::getpid(), SIGTERM);
        while (true) ::pause();
      },
      ::testing::ExitedWithCode(1), "");
}

// Such as while parsing, or on a disk that does not answer.
TEST(StartSignals, Terminate_StartThatDoesNotCheck_ExitsWithZero) {
  EXPECT_EXIT(
      {
        const auto signals = Signals::watch();
        ::kill(::getpid(), SIGTERM);
        while (true) ::pause();
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(StartSignals, Hangup_DuringAStart_DoesNotEndIt) {
  EXPECT_EXIT(
      {
        const auto signals = Signals::watch();
        // On the thread that handles SIGTERM, which goes on to end the start.
        (*signals)->stop_asked().on_cancel([] { ::_exit(7); });
        ::kill(::getpid(), SIGHUP);
        ::kill(::getpid(), SIGTERM);  // handled after SIGHUP
        while (true) ::pause();
      },
      ::testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace offloader::app
