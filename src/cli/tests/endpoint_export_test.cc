// Exports against a server that answers as a test says, for what a real one does only by accident.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli_scene.h"
#include "offloader/transport/testing/fake_server.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using transport::testing::Answer;
using transport::testing::FakeServer;
using transport::testing::Fault;
using transport::testing::Request;
using transport::testing::text_answer;

Answer csv_export(std::string text, const std::string& rows, const std::string& has_more = "false") {
  Answer answer = text_answer(200, std::move(text), "text/csv; charset=utf-8; header=present");
  answer.headers.insert(answer.headers.end(), {{"Offloader-Snapshot", "s1"},
                                               {"Offloader-Watermark", "2026-01-01T00:00:00Z"},
                                               {"Offloader-Stale", "false"},
                                               {"X-Request-Id", "0123456789abcdef"}});
  answer.chunked = true;
  answer.trailers = {
      {"Offloader-Rows", rows}, {"Offloader-Has-More", has_more}, {"Offloader-Status", "complete"}};
  return answer;
}

Answer bad_limit(const std::string& more = "") {
  return text_answer(
      422,
      R"({"error":{"family":"invalid_param","message":"m1","param":"limit","allowed":[">= 1","<= 700"])" +
          more + R"(},"meta":{"request_id":"0123456789abcdef"}})",
      "application/json");
}

class EndpointExport : public testing::Test {
 protected:
  [[nodiscard]] Outcome run_export(std::vector<std::string> more = {}, RunOptions options = {}) const {
    std::vector<std::string> line{"endpoint",   "export", "--url", server_.url(),
                                  "--endpoint", "orders", "--out", out_.string()};
    line.insert(line.end(), more.begin(), more.end());
    return run_cli(line, options);
  }
  void answer_once(const std::string& path_contains, Answer answer) {
    Fault fault;
    fault.instead = std::move(answer);
    server_.inject({.path_contains = path_contains, .fault = fault});
  }
  void cut_once(std::uint64_t after) {
    Fault fault;
    fault.close_after = after;
    server_.inject({.path_contains = "limit=700", .fault = fault});
  }
  // The folder must be as it was: neither the file nor a part of it.
  void expect_no_file() const {
    EXPECT_TRUE(fs::is_empty(folder_.path())) << *fs::directory_iterator(folder_.path());
  }

  const std::string text_ = "a,b\r\n1,\"x\r\ny\"\r\n2,\r\n";
  Answer answer_ = csv_export(text_, "2");
  TemporaryFolder folder_;
  fs::path out_ = folder_.path() / "orders.csv";
  FakeServer server_{
      [this](const Request& asked) { return asked.param("limit") == "0" ? bad_limit() : answer_; }};
};

TEST_F(EndpointExport, Export_NoLimit_AsksForAllRowsTheServerAllows) {
  const Outcome done = run_export({"--params", "day=2026-01-01&x=a b"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(contents(out_), text_);
  EXPECT_EQ(done.out, "");
  EXPECT_THAT(done.err, testing::MatchesRegex(".*/orders.csv: 2 rows, 19 bytes in [0-9.]+ s\n"));
  const auto seen = server_.seen();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[1].path, "/v1/endpoints/orders");
  EXPECT_EQ(seen[1].query, "day=2026-01-01&x=a%20b&format=csv&limit=700");
}

TEST_F(EndpointExport, Export_LimitInParams_IsSentAsItIs) {
  EXPECT_EQ(run_export({"--params", "limit=5"}).code, 0);
  const auto seen = server_.seen();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].query, "limit=5&format=csv");
}

TEST_F(EndpointExport, Export_Json_TellsTheResult) {
  answer_ = csv_export(text_, "2", "true");
  const Outcome done = run_export({"--json", "--params", "limit=2"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr("warning: there are more rows than the `limit` of --params"));
  json told = json::parse(done.out);
  EXPECT_GE(told.at("seconds").get<double>(), 0);
  told.erase("seconds");
  EXPECT_EQ(told, json({{"ok", true},
                        {"file", out_.string()},
                        {"format", "csv"},
                        {"rows", 2},
                        {"bytes", 19},
                        {"snapshot_id", "s1"},
                        {"has_more", true}}));
}

TEST_F(EndpointExport, Export_Format_IsTheFlagsOrTheExtensions) {
  for (const auto& [name, format] : {std::pair{"a.ndjson", "ndjson"},
                                     {"a.jsonl", "ndjson"},
                                     {"a.arrow", "arrow"},
                                     {"a.arrows", "arrow"},
                                     {"a.parquet", "parquet"},
                                     {"a.csv", "csv"},
                                     {"a.PARQUET", "parquet"},
                                     {"a", "csv"}}) {
    out_ = folder_.path() / name;
    server_.clear_log();
    EXPECT_EQ(run_export().code, std::string_view(format) == "csv" ? 0 : 1) << "the answer is CSV";
    EXPECT_EQ(server_.count("GET", std::string("format=") + format), 2U) << name;
  }
  server_.clear_log();
  out_ = folder_.path() / "b.csv";
  EXPECT_THAT(run_export({"--format", "arrow"}).err,
              HasSubstr("the content type is not application/vnd.apache.arrow"));
  EXPECT_EQ(server_.count("GET", "format=arrow"), 2U);
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(EndpointExport, Export_UnknownExtension_NeedsTheFlag) {
  for (const char* name : {"a.json", "a.csv.gz", "a.txt"}) {
    out_ = folder_.path() / name;
    const Outcome refused = run_export();
    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.err, HasSubstr("choose one with --format"));
    EXPECT_EQ(run_export({"--format", "csv"}).code, 0);
  }
}

TEST_F(EndpointExport, Export_MoreRowsThanAllowed_FailsAndLeavesNoFile) {
  answer_ = csv_export(text_, "2", "true");
  const Outcome cut = run_export();
  EXPECT_EQ(cut.code, 1);
  EXPECT_THAT(cut.err,
              HasSubstr("failed: there are more rows than the endpoint's `export` allows (max_rows)"));
  expect_no_file();
  answer_ = csv_export(text_, "");
  answer_.chunked = false;
  answer_.headers.emplace_back("Offloader-Has-More", "true");
  const Outcome page = run_export();
  EXPECT_EQ(page.code, 1);
  EXPECT_THAT(page.err, HasSubstr("failed: the endpoint has no `export`, so one answer is a page"));
  expect_no_file();
  EXPECT_EQ(run_export({"--params", "limit=2"}).code, 0);
  EXPECT_EQ(contents(out_), text_);
}

TEST_F(EndpointExport, Export_AnswerBreaksOff_FailsAndLeavesNoFile) {
  cut_once(10);
  const Outcome cut = run_export();
  EXPECT_EQ(cut.code, 1);
  EXPECT_THAT(cut.err, HasSubstr("failed: the answer broke off after 10 bytes: "));
  expect_no_file();
  cut_once(10);
  out_ = "-";
  EXPECT_EQ(run_export().code, 1);
}

TEST_F(EndpointExport, Export_NotMarkedComplete_FailsAndLeavesNoFile) {
  const std::vector<std::pair<std::string, std::string>> whole = answer_.trailers;
  const auto with = [&](std::vector<std::pair<std::string, std::string>> trailers) {
    answer_.trailers = std::move(trailers);
    const Outcome failed = run_export();
    EXPECT_EQ(failed.code, 1);
    expect_no_file();
    return failed.err;
  };
  EXPECT_THAT(with({}), HasSubstr("the trailer Offloader-Status: complete is missing"));
  EXPECT_THAT(with({whole[0], whole[1]}), HasSubstr("the trailer Offloader-Status: complete is missing"));
  EXPECT_THAT(with({whole[1], whole[2]}), HasSubstr("the trailer Offloader-Rows is missing"));
  EXPECT_THAT(with({{"Offloader-Rows", "3"}, whole[1], whole[2]}),
              HasSubstr("the trailer Offloader-Rows says 3, but 2 rows arrived"));
  EXPECT_THAT(with({whole[0], whole[2]}), HasSubstr("Offloader-Has-More is missing"));
}

// Proxies remove trailers. The end of the transfer still tells whether it broke off.
TEST_F(EndpointExport, Export_NoTrailers_AcceptsAnAnswerThatLostThem) {
  answer_.trailers.clear();
  EXPECT_THAT(run_export().err, HasSubstr("pass --no-trailers"));
  const Outcome done = run_export({"--no-trailers"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(contents(out_), text_);
  cut_once(10);
  EXPECT_EQ(run_export({"--no-trailers", "--force"}).code, 1);
  EXPECT_EQ(contents(out_), text_);
  // 700 rows is all that the server allows.
  std::string full = "a\r\n";
  for (int i = 0; i < 700; ++i) full += "1\r\n";
  answer_ = csv_export(full, "700");
  answer_.trailers.clear();
  const Outcome unknown = run_export({"--no-trailers", "--force"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("there may be more"));
  // What is wrong with trailers that did arrive still counts.
  answer_ = csv_export(text_, "3");
  EXPECT_EQ(run_export({"--no-trailers", "--force"}).code, 1);
}

TEST_F(EndpointExport, Export_ErrorOfTheServer_IsShown) {
  answer_once("limit=0", bad_limit(R"(,"problems":[{"param":"limit","message":"m1","allowed":["<= 7"]},)"
                                   R"({"param":"b","message":"m2"},{"param":"c","message":"m3"}])"));
  const Outcome bad = run_export();
  EXPECT_EQ(bad.code, 1);
  EXPECT_EQ(bad.err, "failed: status 422, invalid_param: m2\n  m3\n");
  answer_once(
      "limit=0",
      text_answer(
          422,
          R"({"error":{"family":"invalid_param","message":"m4","param":"format","allowed":["json","csv"]}})"));
  EXPECT_EQ(run_export().err, "failed: status 422, invalid_param: m4 (json, csv)\n");
  answer_once("limit=700", text_answer(503, R"({"error":{"family":"not_ready","message":"busy"}})"));
  EXPECT_EQ(run_export().err, "failed: status 503, not_ready: busy\n");
  answer_once("", text_answer(401, R"({"error":{"family":"unauthorized","message":"a key is required"}})"));
  EXPECT_EQ(run_export().err,
            "failed: status 401, unauthorized: a key is required\nPass a key with --key or OFFLOADER_KEY.\n");
  answer_once("limit=0", text_answer(200, "{}"));
  EXPECT_THAT(run_export().err, HasSubstr("Pass --params limit=N"));
  expect_no_file();
}

TEST_F(EndpointExport, Export_FileExists_IsKeptUnlessForced) {
  write(out_, "mine");
  const Outcome refused = run_export();
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("the file exists: pass --force"));
  EXPECT_EQ(server_.count(), 0U) << "the server need not work for it";
  EXPECT_EQ(contents(out_), "mine");
  cut_once(10);
  EXPECT_EQ(run_export({"--force"}).code, 1);
  EXPECT_EQ(contents(out_), "mine") << "a failed export must not take the old file with it";
  const fs::path link = folder_.path() / "link.csv";
  fs::create_symlink("orders.csv", link);
  out_ = link;
  EXPECT_EQ(run_export({"--force"}).code, 0);
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(contents(folder_.path() / "orders.csv"), text_);
}

TEST_F(EndpointExport, Export_FileAppearsMeanwhile_IsKept) {
  Fault late;
  late.before = [&] { write(out_, "theirs"); };
  server_.inject({.path_contains = "limit=700", .fault = late});
  const Outcome refused = run_export();
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("the file exists"));
  EXPECT_EQ(contents(out_), "theirs");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(EndpointExport, Export_UnusablePath_FailsBeforeTheRequest) {
  const fs::path folder = folder_.path();
  out_ = folder;
  EXPECT_THAT(run_export({"--force"}).err, HasSubstr("it is a folder"));
  out_ = folder / "none" / "orders.csv";
  EXPECT_THAT(run_export().err, HasSubstr("its folder does not exist"));
  out_ = "/dev/null";
  EXPECT_THAT(run_export({"--force"}).err, HasSubstr("it is not a regular file"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  out_ = "/proc/orders.csv";  // where not even root may write
  const Outcome refused = run_export();
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, testing::StartsWith("/proc/orders.csv: "));
  EXPECT_EQ(server_.count(), 0U);
}

TEST_F(EndpointExport, Export_NoRoomForTheFile_FailsAndLeavesNoFile) {
  answer_ = csv_export("a\r\n" + std::string(1'000'000, 'x') + "\r\n", "1");
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
  rlimit little = usual;
  little.rlim_cur = 100'000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
  const Outcome full = run_export();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
  EXPECT_EQ(full.code, 1);
  EXPECT_THAT(full.err, HasSubstr("orders.csv: the file would be larger than"));
  expect_no_file();
}

TEST_F(EndpointExport, Export_StandardOutput_GetsTheBytesAndTheExitCode) {
  answer_ = csv_export("a\r\n\x1b[31m\r\n", "1");
  out_ = "-";
  const Outcome piped = run_export();
  EXPECT_EQ(piped.code, 0) << piped.err;
  EXPECT_EQ(piped.out, "a\r\n\x1b[31m\r\n");
  EXPECT_THAT(run_export({}, {.terminal = true}).out, HasSubstr("\\u001b[31m")) << "controls the terminal";
  EXPECT_EQ(run_export({"--format", "arrow"}, {.terminal = true}).code, 2);
  EXPECT_EQ(run_export({"--json"}).code, 2);
  EXPECT_EQ(run_export({"--params", "format=csv"}).code, 2);
  answer_.trailers.clear();
  EXPECT_EQ(run_export().code, 1);
}

TEST_F(EndpointExport, Export_Terminal_ShowsProgressInOneLine) {
  const Outcome shown = run_export({}, {.terminal = true});
  EXPECT_THAT(shown.err, HasSubstr("waiting for the first rows\r\x1b[K2 rows, 0.0 MB, "));
  EXPECT_THAT(shown.err, HasSubstr(" rows/s\r\x1b[K" + out_.string() + ": 2 rows, 19 bytes in "));
  EXPECT_THAT(run_export({"--force"}).err, Not(HasSubstr("\x1b")));
}

TEST_F(EndpointExport, Export_Interrupted_EndsByTheSignalAndLeavesNoFile) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    answer_ = csv_export(std::string(20'000'000, 'x'), "1");
    server_.set_bandwidth(50'000);  // it does not end before the signal
    const std::string url = server_.url();
    const char* const words[] = {OFFLOADER_BINARY, "endpoint", "export", "--url",      url.c_str(),
                                 "--endpoint",     "orders",   "--out",  out_.c_str(), nullptr};
    pid_t child = -1;
    ASSERT_EQ(::posix_spawn(&child, OFFLOADER_BINARY, nullptr, nullptr, const_cast<char**>(words), environ),
              0);
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    const auto some_bytes = [&] {
      for (const auto& file : fs::directory_iterator(folder_.path())) {
        if (file.path().extension() == ".part" && fs::file_size(file) > 0) return true;
      }
      return false;
    };
    while (!some_bytes() && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_TRUE(some_bytes());
    ::kill(child, signal);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << status;
    expect_no_file();
  }
}

TEST_F(EndpointExport, Test_Format_ChecksHeadersAndShowsRows) {
  const auto test = [&](std::vector<std::string> more) {
    std::vector<std::string> line{"endpoint", "test", "--url", server_.url(), "--endpoint", "orders"};
    line.insert(line.end(), more.begin(), more.end());
    return run_cli(line);
  };
  const Outcome good = test({"--format", "csv"});
  EXPECT_EQ(good.code, 0) << good.out << good.err;
  EXPECT_EQ(good.out, "ok: status 200, csv export, 2 rows, 19 bytes of snapshot s1\na,b\n1,\"x\ny\"\n2,\n");
  EXPECT_EQ(server_.seen().back().query, "format=csv");

  const Outcome other = test({"--format", "arrow"});
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.out, HasSubstr("the content type is not application/vnd.apache.arrow.stream"));
  EXPECT_THAT(other.out, Not(HasSubstr("a,b"))) << "not in that format";

  answer_.headers.erase(answer_.headers.begin() + 1, answer_.headers.end());
  const json report = json::parse(test({"--format", "csv", "--json"}).out);
  EXPECT_EQ(report.at("ok"), false);
  EXPECT_EQ(report.at("problems"),
            json({"the header Offloader-Snapshot is missing", "the header Offloader-Watermark is missing",
                  "the header Offloader-Stale is missing", "the header X-Request-Id is missing"}));

  std::string many = "a\r\n";
  for (int i = 0; i < 30; ++i) many += std::to_string(i) + "\r\n";
  answer_ = csv_export(many, "30");
  EXPECT_THAT(test({"--format", "csv"}).out, testing::EndsWith("\n19\n...\n"));
}

}  // namespace
}  // namespace offloader::cli
