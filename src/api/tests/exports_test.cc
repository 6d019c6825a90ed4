// Answers that are sent while they are made.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "tests/api_scene.h"

namespace offloader::api {
namespace {

using executor::Outcome;
using WriteRow = executor::testing::FakeExecutor::WriteRow;
using ::testing::HasSubstr;

constexpr const char* kCsv = "/v1/endpoints/cached?format=csv";

Outcome answered(std::int64_t rows, bool more = false) {
  return executor::Answered{.row_count = rows, .has_more = more, .by = "fake", .duration = {}};
}

Outcome broken(ErrorCode code) {
  return tl::unexpected(executor::Failure({code, "The engine failed.", "detail"}, "fake"));
}

class Exports : public ::testing::Test {
 protected:
  Exports()
      : scene_(
            {.cors_origins = {},
             .access_log = AccessLog::off,
             .trusted_proxies = {},
             .response_memory = nullptr,
             .report_corrupt = [this](const std::string& dataset, std::uint64_t) { reported_ = dataset; }}) {
    ApiScene::Files files = ApiScene::files();
    files["endpoints/cached.yml"] =
        ApiScene::endpoint("cached", "plain",
                           "cache: {policy: snapshot}\nformats: [csv, ndjson]\nexport: {max_rows: 5000}\n"
                           "pagination: {default_limit: 2, max_limit: 10}\n");
    scene_.serve(files);
  }
  std::uint64_t counted(const std::string& outcome) {
    return scene_.counted("offloader_exports_total",
                          {{"endpoint", "cached"}, {"format", "csv"}, {"outcome", outcome}});
  }

  ApiScene scene_;
  std::string reported_;
};

TEST_F(Exports, Rows_AreSentWhileTheyAreMade) {
  const auto answer = scene_.get(kCsv);
  EXPECT_EQ(answer->status, 0) << "the head waits for the first rows";
  scene_.executor.answer_with(0, [&](const WriteRow& write) -> Outcome {
    EXPECT_TRUE(write("1"));
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->stream.read(), "n\r\n1\r\n");
    EXPECT_TRUE(write("2"));
    EXPECT_EQ(answer->stream.read(), "2\r\n");
    EXPECT_FALSE(answer->stream.finished());
    return answered(2, true);
  });
  EXPECT_EQ(answer->stream.read(), "");
  EXPECT_TRUE(answer->stream.finished());
  EXPECT_EQ(answer->stream.trailers(),
            "offloader-rows: 2\r\noffloader-has-more: true\r\noffloader-status: complete\r\n");
  EXPECT_EQ(answer->header("offloader-snapshot"), "s1");
  EXPECT_EQ(answer->header("offloader-has-more"), "") << "it is a trailer";
  EXPECT_EQ(counted("complete"), 1U);
}

TEST_F(Exports, NoRows_IsAWholeAnswer) {
  const auto answer = scene_.get(kCsv);
  scene_.executor.answer_with(0, [](const WriteRow&) -> Outcome { return answered(0); });
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->stream.read(), "n\r\n");
  EXPECT_TRUE(answer->stream.finished());
}

TEST_F(Exports, Limit_MayBeUpToMaxRows_OnlyInOtherFormats) {
  EXPECT_EQ(scene_.get("/v1/endpoints/cached?format=csv&limit=5000")->status, 0);
  EXPECT_THAT(scene_.get("/v1/endpoints/cached?format=csv&limit=5001")->body, HasSubstr("at most 5000"));
  EXPECT_THAT(scene_.get("/v1/endpoints/cached?limit=11")->body,
              HasSubstr("may be at most 10, and 5000 in formats other than json"));
  EXPECT_THAT(scene_.get("/v1/endpoints/cached?limit=5001")->body, HasSubstr("may be at most 10\""));
}

TEST_F(Exports, ErrorBeforeTheFirstRow_IsAnsweredAsAnyOther) {
  const auto answer = scene_.get(kCsv);
  scene_.executor.answer(0, fail(ErrorCode::timeout, "the query took too long"));
  EXPECT_EQ(answer->status, 504);
  EXPECT_EQ(answer->header("content-type"), "application/json");
  EXPECT_EQ(counted("refused"), 1U);
}

TEST_F(Exports, ErrorAfterTheFirstRow_IsNeverCompleted) {
  for (const ErrorCode code : {ErrorCode::timeout, ErrorCode::corrupt, ErrorCode::unavailable}) {
    const std::size_t query = scene_.executor.queries();
    const auto answer = scene_.get(kCsv);
    scene_.executor.answer_with(query, [&](const WriteRow& write) -> Outcome {
      EXPECT_TRUE(write("1"));
      return broken(code);
    });
    EXPECT_EQ(answer->stream.read(), "n\r\n1\r\n");
    EXPECT_TRUE(answer->stream.abandoned());
    EXPECT_FALSE(answer->stream.finished());
    EXPECT_EQ(answer->stream.trailers(), "");
  }
  EXPECT_EQ(counted("failed"), 3U);
  EXPECT_EQ(reported_, "plain") << "a corrupt snapshot is reported as for any other query";
}

// The executor begins again when a part of it gives up, as the index does for a damaged block.
TEST_F(Exports, ExecutorStartsOver_AfterTheFirstRow_Fails) {
  const auto answer = scene_.get(kCsv);
  scene_.executor.answer_with(0, [&](const WriteRow& write) -> Outcome {
    EXPECT_TRUE(write("1"));
    const auto begun = scene_.executor.begin_again(0);
    EXPECT_FALSE(begun);
    return tl::unexpected(executor::Failure(begun.error(), "fake"));
  });
  EXPECT_EQ(answer->stream.read(), "n\r\n1\r\n");
  EXPECT_TRUE(answer->stream.abandoned());
}

TEST_F(Exports, ClientLeaves_EndsTheQuery) {
  const auto answer = scene_.get(kCsv);
  scene_.executor.answer_with(0, [&](const WriteRow& write) -> Outcome {
    EXPECT_TRUE(write("1"));
    answer->stream.leave();
    const auto next = write("2");
    EXPECT_FALSE(next);
    return tl::unexpected(executor::Failure(next.error(), "fake"));
  });
  EXPECT_FALSE(answer->stream.finished());
  EXPECT_EQ(counted("client_gone"), 1U);
}

TEST_F(Exports, SlowClient_HoldsTheExecutorBack) {
  const auto answer = scene_.get(kCsv);
  std::atomic<int> rows{0};
  std::promise<void> full;
  std::thread executor([&] {
    scene_.executor.answer_with(0, [&](const WriteRow& write) -> Outcome {
      const std::string row = '"' + std::string(100'000, 'x') + '"';
      for (; rows < 20; ++rows) {
        if (rows == 2) full.set_value();
        EXPECT_TRUE(write(row));
      }
      return answered(20);
    });
  });
  full.get_future().wait();
  std::size_t most = 0;
  std::size_t bytes = 0;
  while (!answer->stream.finished()) {
    const std::size_t read = answer->stream.read().size();
    most = std::max(most, read);
    bytes += read;
    std::this_thread::yield();
  }
  executor.join();
  EXPECT_GT(bytes, 20U * 100'000);
  EXPECT_LT(most, http::BodyStream::kRoom + 2 * 110'000) << "one batch in flight";
}

TEST_F(Exports, Head_RunsNoQuery) {
  const auto answer = scene_.ask(FakeRequest(kCsv, {{"authorization", "Bearer token-app"}}, "HEAD"));
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(scene_.executor.queries(), 0U);
  EXPECT_THAT(answer->headers, HasSubstr("content-type: text/csv"));
}

TEST_F(Exports, IfNoneMatch_RunsNoQuery) {
  const auto head = scene_.ask(FakeRequest(kCsv, {{"authorization", "Bearer token-app"}}, "HEAD"));
  EXPECT_EQ(scene_.get(kCsv, "token-app", {{"if-none-match", head->header("etag")}})->status, 304);
  EXPECT_EQ(scene_.executor.queries(), 0U);
}

TEST_F(Exports, Compression_IsThatOfTheStream) {
  const auto answer = scene_.get(kCsv, "token-app", {{"accept-encoding", "gzip"}});
  scene_.executor.answer_with(0, [](const WriteRow& write) -> Outcome {
    EXPECT_TRUE(write('"' + std::string(5000, 'x') + '"'));
    return answered(1);
  });
  EXPECT_EQ(answer->header("content-encoding"), "gzip");
  const std::string body = answer->stream.read();
  EXPECT_EQ(body.substr(0, 2), "\x1f\x8b");
  EXPECT_LT(body.size(), 200U);
  EXPECT_TRUE(answer->stream.finished());
}

// A client that reads slowly must not look like a slow server.
TEST_F(Exports, TimeOfTheTransfer_IsNotLatency) {
  const auto begun = std::chrono::steady_clock::now();
  std::chrono::duration<double> to_first_row{};
  const auto answer = scene_.get(kCsv);
  scene_.executor.answer_with(0, [&](const WriteRow& write) -> Outcome {
    EXPECT_TRUE(write("1"));
    EXPECT_EQ(answer->status, 200);
    to_first_row = std::chrono::steady_clock::now() - begun;
    return answered(1);
  });
  EXPECT_LE(scene_.observed("offloader_request_duration_seconds", {{"endpoint", "cached"}, {"cache", "off"}}),
            to_first_row.count());
}

TEST_F(Exports, NoThread_IsShed) {
  const auto answer = scene_.get(kCsv);
  scene_.executor.answer(0, fail(ErrorCode::busy, "The server is busy."));
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(scene_.counted("offloader_shed_total", {{"reason", "export"}}), 1U);
}

TEST_F(Exports, ExecutorThrows_IsAnswered) {
  scene_.executor.throw_on_run();
  EXPECT_EQ(scene_.get(kCsv)->status, 503);
}

}  // namespace
}  // namespace offloader::api
