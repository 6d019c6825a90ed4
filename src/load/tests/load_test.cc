#include "offloader/load/load.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "offloader/load/report.h"

namespace offloader::load {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

// A server on a free loopback port that serves one connection after another. A function maps the head of a
// request to the bytes to send; an empty string closes the connection.
class TinyServer {
 public:
  explicit TinyServer(std::function<std::string(const std::string&)> answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  TinyServer(const TinyServer&) = delete;
  TinyServer& operator=(const TinyServer&) = delete;
  ~TinyServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int requests() const { return requests_; }

 private:
  void serve() {
    while (true) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      std::string held;
      char buffer[4096];
      for (ssize_t got = 0; (got = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) {
        held.append(buffer, static_cast<std::size_t>(got));
        const auto end = held.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        ++requests_;
        const std::string text = answer_(held.substr(0, end));
        held.erase(0, end + 4);
        if (text.empty() || ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) < 0) break;
      }
      ::close(fd);
    }
  }
  std::function<std::string(const std::string&)> answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> requests_{0};
  std::thread thread_;
};

LoadOptions options_for(const TinyServer& server) {
  LoadOptions options;
  options.host = "127.0.0.1";
  options.port = server.port();
  options.requests = {{"/a", ""}};
  options.connections = 1;
  options.warm_up = milliseconds(0);
  options.duration = milliseconds(200);
  options.timeout = std::chrono::minutes(1);
  return options;
}

// Options for a run that the server ends when it has received enough requests, however long they take. The
// flag must outlive the server.
LoadOptions options_until(CancelFlag& cancel, const TinyServer& server) {
  LoadOptions options = options_for(server);
  options.duration = std::chrono::minutes(2);
  options.cancel = &cancel;
  return options;
}

TEST(Load, RunLoad_MixedStatuses_CountsEachStatus) {
  CancelFlag cancel;
  std::atomic<int> count{0};
  TinyServer server([&](const std::string&) -> std::string {
    if (++count == 10) cancel.cancel();
    return count % 2 == 0 ? "HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno"
                          : "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
  });
  const auto report = run_load(options_until(cancel, server));
  ASSERT_TRUE(report);
  EXPECT_GT(report->statuses.at(200), 0U);
  EXPECT_EQ(report->not_2xx, report->statuses.at(503));
  EXPECT_EQ(report->answers, report->statuses.at(200) + report->statuses.at(503));
  EXPECT_EQ(report->latency.count(), report->statuses.at(200));
  EXPECT_EQ(report->disconnects, 0U);
}

TEST(Load, RunLoad_SeveralRequests_SendsThemInTurnWithTheirKeys) {
  CancelFlag cancel;
  std::vector<std::string> heads;
  TinyServer server([&](const std::string& head) -> std::string {
    if (heads.size() < 4) heads.push_back(head);
    if (heads.size() == 4) cancel.cancel();
    return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  });
  auto options = options_until(cancel, server);
  options.requests = {{"/one?x=1", "secret"}, {"/two", ""}};
  ASSERT_TRUE(run_load(options));
  ASSERT_EQ(heads.size(), 4U);
  EXPECT_THAT(heads[0], HasSubstr("GET /one?x=1 HTTP/1.1\r\n"));
  EXPECT_THAT(heads[0], HasSubstr("\r\nAuthorization: Bearer secret"));
  EXPECT_THAT(heads[1], HasSubstr("GET /two "));
  EXPECT_THAT(heads[1], Not(HasSubstr("Authorization")));
  EXPECT_EQ(heads[2], heads[0]);
}

TEST(Load, RunLoad_ChunkedOrEmptyAnswers_AreComplete) {
  for (const std::string text :
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\n\r\n"}) {
    CancelFlag cancel;
    std::atomic<int> count{0};
    TinyServer server([&](const std::string&) {
      if (++count == 3) cancel.cancel();
      return text;
    });
    const auto report = run_load(options_until(cancel, server));
    ASSERT_TRUE(report);
    EXPECT_GT(report->answers, 1U) << text;
    EXPECT_EQ(report->disconnects + report->timeouts, 0U) << text;
  }
}

TEST(Load, RunLoad_ServerDisconnects_ReconnectsAndCountsIt) {
  CancelFlag cancel;
  std::atomic<int> count{0};
  TinyServer server([&](const std::string&) -> std::string {
    if (++count == 5) cancel.cancel();
    return count % 3 == 0 ? "" : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  });
  const auto report = run_load(options_until(cancel, server));
  ASSERT_TRUE(report);
  EXPECT_GT(report->answers, 2U);
  EXPECT_GT(report->disconnects, 0U);
}

TEST(Load, RunLoad_AnswerIsNotHttp_CountsADisconnect) {
  CancelFlag cancel;
  std::atomic<int> count{0};
  TinyServer server([&](const std::string&) {
    if (++count == 2) cancel.cancel();
    return "SMTP hello\r\n\r\n";
  });
  const auto report = run_load(options_until(cancel, server));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->answers, 0U);
  EXPECT_GT(report->disconnects, 0U);
}

TEST(Load, RunLoad_AnswerNeverEnds_CountsATimeout) {
  CancelFlag cancel;
  std::atomic<int> count{0};
  TinyServer server([&](const std::string&) {
    if (++count == 2) cancel.cancel();
    return "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
  });
  auto options = options_until(cancel, server);
  options.timeout = milliseconds(1000);  // also for connecting, which must succeed
  const auto report = run_load(options);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->answers, 0U);
  EXPECT_GT(report->timeouts, 0U);
}

// The server stalls once for 300 ms. A closed loop would see one slow answer; an open loop shows the delay of
// every request that was due meanwhile.
TEST(Load, OpenLoop_ServerStalls_DelaysEveryRequestDueMeanwhile) {
  CancelFlag cancel;
  std::atomic<int> count{0};
  TinyServer server([&](const std::string&) -> std::string {
    if (++count == 20) std::this_thread::sleep_for(milliseconds(300));
    if (count == 100) cancel.cancel();
    return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  });
  auto options = options_until(cancel, server);
  options.rate = 200;
  const auto report = run_load(options);
  ASSERT_TRUE(report);
  // About 60 of little more than 100 requests were due during the stall, 40 of them more than 100 ms before
  // its end, so the slowest tenth is among those.
  EXPECT_GT(report->latency.percentile(90), 100'000'000U);
  const double due = options.rate * report->seconds;
  EXPECT_LE(static_cast<double>(report->answers), due + 1);
  EXPECT_LT(static_cast<double>(report->answers + report->never_sent), due + 3);
}

TEST(Load, OpenLoop_ServerTooSlow_ReportsRequestsNeverSent) {
  TinyServer server([](const std::string&) -> std::string {
    std::this_thread::sleep_for(milliseconds(20));
    return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  });
  auto options = options_for(server);
  options.rate = 1000;
  options.duration = milliseconds(400);
  const auto report = run_load(options);
  ASSERT_TRUE(report);
  EXPECT_GT(report->never_sent, 100U);
  EXPECT_THAT(to_text(*report), HasSubstr("were due but never sent"));
}

TEST(Load, RunLoad_Cancelled_EndsEarly) {
  TinyServer server([](const std::string&) { return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"; });
  CancelFlag cancel;
  auto options = options_for(server);
  options.duration = std::chrono::hours(1);
  options.cancel = &cancel;
  std::thread canceller([&] {
    while (server.requests() < 10) std::this_thread::yield();
    cancel.cancel();
  });
  const auto report = run_load(options);
  canceller.join();
  ASSERT_TRUE(report);
  EXPECT_LT(report->seconds, 60);
}

TEST(Load, RunLoad_LastSecondUnfinished_IsInTheSeries) {
  TinyServer server([](const std::string&) { return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"; });
  auto options = options_for(server);
  for (const auto& [duration, seconds] :
       {std::pair(milliseconds(1300), 2U), std::pair(milliseconds(1000), 1U)}) {
    options.duration = duration;
    const auto report = run_load(options);
    ASSERT_TRUE(report);
    ASSERT_EQ(report->series.size(), seconds);
    std::uint64_t answers = 0;
    for (const LoadSecond& second : report->series) answers += second.answers;
    EXPECT_EQ(answers, report->answers);
  }
}

TEST(Load, RunLoad_InvalidRequestOrClosedPort_Fails) {
  LoadOptions options;
  options.host = "127.0.0.1";
  options.port = 1;
  EXPECT_EQ(run_load(options).error().code, ErrorCode::invalid_param);
  options.requests = {{"/a b", ""}};
  EXPECT_EQ(run_load(options).error().code, ErrorCode::invalid_param);
  options.requests = {{"/a", "key\r\nX: y"}};
  EXPECT_EQ(run_load(options).error().code, ErrorCode::invalid_param);
  options.requests = {{"/a", ""}};
  EXPECT_EQ(run_load(options).error().code, ErrorCode::unavailable);
}

TEST(ServerUrl, Parse_ValidAndInvalidUrls_SplitsOrRejects) {
  const auto url = parse_server_url("http://localhost:4000/v1/a?b=c#d");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "localhost");
  EXPECT_EQ(url->connect_port(), 4000);
  EXPECT_EQ(url->target(), "/v1/a?b=c");
  EXPECT_EQ(parse_server_url("http://h")->target(), "/");
  EXPECT_EQ(parse_server_url("http://h")->connect_port(), 80);
  EXPECT_EQ(parse_server_url("http://h?x")->target(), "/?x");
  EXPECT_EQ(parse_server_url("http://[::1]:81/x")->host, "::1");
  EXPECT_EQ(parse_server_url("http://[::1]:81/x")->connect_port(), 81);
  for (const char* bad : {"https://h/", "h:80", "http://", "http://h:0/", "http://h:99999/", "http://u@h/",
                          "http://h:8x/", "http://h/a b", "s3://bucket/key"}) {
    EXPECT_FALSE(parse_server_url(bad)) << bad;
  }
}

TEST(Reports, EachFormat_SameReport_HoldsTheSameFigures) {
  LoadReport report;
  report.host = "<h>";
  report.port = 80;
  report.connections = 2;
  report.seconds = 2;
  report.answers = 4;
  report.statuses[200] = 4;
  for (const std::uint64_t latency : {1'000U, 2'000U, 3'000U, 4'000'000U}) report.latency.record(latency);
  report.series = {{2, 0, 1000, 2000}, {2, 0, 3000, 4'000'000}};
  EXPECT_THAT(to_text(report), HasSubstr("answers/s             2"));
  EXPECT_THAT(to_json(report), HasSubstr("\"answers_per_second\": 2.0"));
  EXPECT_THAT(to_json(report), HasSubstr("\"p50\": 2.0"));
  EXPECT_THAT(to_csv(report), HasSubstr("100.000000,4000.000"));
  const std::string page = to_html(report);
  EXPECT_THAT(page, HasSubstr("&lt;h&gt;"));
  EXPECT_THAT(page, HasSubstr("<polyline"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("src=")));
}

}  // namespace
}  // namespace offloader::load
