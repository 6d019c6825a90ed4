#include "log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <sstream>

#include "registry.h"

namespace offloader::telemetry {
namespace {

const SystemTime kTime{std::chrono::microseconds{1'767'225'600'123'000}};  // 2026-01-01T00:00:00.123Z

TEST(LogLine, Json_FieldsOfEachType_KeepTheirTypes) {
  std::string line;
  append_line(line, LogFormat::json, kTime, Level::info, "request",
              {{"endpoint", "usage"}, {"status", 200}, {"seconds", 0.5}, {"hit", true}});
  EXPECT_EQ(
      line,
      R"({"time":"2026-01-01T00:00:00.123Z","level":"info","message":"request","endpoint":"usage","status":200,)"
      R"("seconds":0.5,"hit":true})");
}

TEST(LogLine, Text_ControlCharacters_AreEscaped) {
  std::string line;
  append_line(line, LogFormat::text, kTime, Level::warning, "bad\nthing", {{"why", "a b\n\x1b[31m"}});
  EXPECT_EQ(line, "2026-01-01T00:00:00.123Z warning bad\\nthing why=\"a b\\n\\u001b[31m\"");
}

TEST(LogLine, AppendLine_TerminalAndDirectionControls_AreEscaped) {
  for (const LogFormat format : {LogFormat::json, LogFormat::text}) {
    std::string line;
    append_line(line, format, kTime, Level::warning, "m\x7f\xc2\x9b",
                {{"why", "\xe2\x80\xae x \xe2\x81\xa6\x1b"}});
    EXPECT_THAT(line, ::testing::HasSubstr("m\\u007f\\u009b"));
    EXPECT_THAT(line, ::testing::HasSubstr("\\u202e x \\u2066\\u001b"));
  }
}

TEST(LogLine, AppendRedactedLine_SecretsInMessageAndField_AreMasked) {
  std::string line;
  append_redacted_line(
      line, LogFormat::json, kTime, Level::error, "refused: Bearer abcdefghijklmnopqrstuvwxyz",
      {{"why", std::string("GET https://user:hunter2@store.example/a?X-Amz-Signature=0123456789abcdef")},
       {"dataset", "usage"},
       {"tries", 3}});
  EXPECT_EQ(line,
            R"({"time":"2026-01-01T00:00:00.123Z","level":"error","message":"refused: Bearer <redacted>",)"
            R"("why":"GET https://<redacted>@store.example/a?…","dataset":"usage","tries":3})");
}

// A pipe that closes both ends when destroyed.
struct Pipe {
  Pipe() {
    if (::pipe(ends) != 0) ends[0] = ends[1] = -1;
  }
  ~Pipe() {
    for (const int end : ends) ::close(end);
  }
  int ends[2];
};

// Returns what a text log of that level writes when `say` logs to it.
std::string written_by(Level level, const std::function<void(Log&)>& say) {
  const Pipe pipe;
  {
    const auto metrics = make_registry();
    const auto log =
        *make_async_log({.level = level, .format = LogFormat::text, .log_fd = pipe.ends[1]}, *metrics);
    say(*log);
    log->flush();
  }
  std::string written(4096, '\0');
  const ssize_t count = ::read(pipe.ends[0], written.data(), written.size());
  EXPECT_GT(count, 0);
  written.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return written;
}

TEST(AsyncLog, Write_ErrorWarningOrDebugWithASecret_MasksIt) {
  const std::string written = written_by(Level::debug, [](Log& log) {
    log.error("a", {{"why", "password=hunter2"}});
    log.warning("b", {{"why", "password=hunter2"}});
    log.debug("c", {{"why", "password=hunter2"}});
  });
  EXPECT_THAT(written, ::testing::Not(::testing::HasSubstr("hunter2")));
  EXPECT_EQ(std::ranges::count(written, '\n'), 3);
}

TEST(AsyncLog, Write_LinesOfSeveralLevels_KeepsOrderAndSkipsLowerLevels) {
  const std::string written = written_by(Level::info, [](Log& log) {
    log.info("first");
    log.debug("hidden");
    log.error("second", {{"n", 2}});
  });
  EXPECT_THAT(written, ::testing::MatchesRegex(".* info first\n.* error second n=2\n"));
}

double value_of(Metrics& metrics, const std::string& name) {
  const std::string text = metrics.exposition();
  const auto at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}

TEST(AsyncLog, Write_NobodyReadsThePipe_DoesNotBlock) {
  const Pipe pipe;
  const auto metrics = make_registry();
  const std::string text(200, 'x');
  constexpr int kLines = 30000;  // more than the pipe (64 KiB) and the queue (8192 lines) hold
  const auto begun = std::chrono::steady_clock::now();
  {
    const auto log =
        *make_async_log({.level = Level::info, .format = LogFormat::json, .log_fd = pipe.ends[1]}, *metrics);
    // The loop would never end if a full queue blocked the caller.
    for (int i = 0; i < kLines; ++i) log->info("line", {{"text", std::string_view(text)}, {"i", i}});
    EXPECT_GT(value_of(*metrics, "offloader_log_dropped_total"), kLines - 8192 - 1000);
  }
  // The destructor also returns: flush() waits at most a second.
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(60));
}

TEST(AsyncLog, Write_ReaderResumes_GetsWholeLines) {
  const Pipe pipe;
  const auto metrics = make_registry();
  const auto log =
      *make_async_log({.level = Level::info, .format = LogFormat::json, .log_fd = pipe.ends[1]}, *metrics);
  const std::string text(6000, 'x');  // longer than one write to the pipe
  for (int i = 0; i < 100; ++i) log->info("line", {{"text", std::string_view(text)}});
  std::string read;
  int lines = 0;
  while (lines < 100) {
    char bytes[65536];
    const ssize_t count = ::read(pipe.ends[0], bytes, sizeof bytes);
    ASSERT_GT(count, 0);
    read.append(bytes, static_cast<std::size_t>(count));
    lines = static_cast<int>(std::count(read.begin(), read.end(), '\n'));
  }
  std::istringstream in(read);
  for (std::string line; std::getline(in, line);) {
    EXPECT_TRUE(line.starts_with("{\"time\":") && line.ends_with(text + "\"}")) << line.substr(0, 80);
  }
  EXPECT_EQ(value_of(*metrics, "offloader_log_dropped_total"), 0);
}

// While it exists, no thread can be started: each would need a stack larger than the address space.
class NoThreads {
 public:
  NoThreads() {
    ::pthread_getattr_default_np(&before_);
    pthread_attr_t huge = before_;
    ::pthread_attr_setstacksize(&huge, std::size_t{1} << 60);
    EXPECT_EQ(::pthread_setattr_default_np(&huge), 0);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;
  ~NoThreads() { ::pthread_setattr_default_np(&before_); }

 private:
  pthread_attr_t before_{};
};

TEST(AsyncLog, MakeTelemetry_NoThreadCanBeStarted_Fails) {
  const NoThreads no_threads;
  const auto telemetry = make_telemetry({});
  ASSERT_FALSE(telemetry);
  EXPECT_EQ(telemetry.error().code, ErrorCode::busy);
  EXPECT_THAT(telemetry.error().message, ::testing::HasSubstr("thread cannot be started"));
}

TEST(AsyncLog, Write_DeviceIsFull_CountsDroppedLines) {
  const auto metrics = make_registry();
  int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  const auto log =
      *make_async_log({.level = Level::info, .format = LogFormat::json, .log_fd = full}, *metrics);
  log->info("lost");
  log->info("lost too");
  // The log's thread counts a line when it cannot write it. flush() waits for that no longer than a second.
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  do {
    log->flush();
  } while (value_of(*metrics, "offloader_log_dropped_total") < 2 && std::chrono::steady_clock::now() < until);
  EXPECT_EQ(value_of(*metrics, "offloader_log_dropped_total"), 2);
  ::close(full);
}

TEST(LogLine, AppendLine_C1ControlsAndInvalidUtf8_AreReplaced) {
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    std::string line;
    append_line(line, format, kTime, Level::info, "del\x7f",
                {{"c1",
                  "\xc2\x9b"
                  "31m"},
                 {"broken", "a\xff\xc2"},
                 {"name", "Zoë 東京"}});
    EXPECT_THAT(line, ::testing::HasSubstr("del\\u007f"));
    EXPECT_THAT(line, ::testing::HasSubstr("\\u009b31m"));
    EXPECT_THAT(line, ::testing::HasSubstr("a\xef\xbf\xbd\xef\xbf\xbd"));
    EXPECT_THAT(line, ::testing::HasSubstr("Zoë 東京"));
  }
}

}  // namespace
}  // namespace offloader::telemetry
