#include "offloader/transport/transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offloader/transport/testing/fake_server.h"

namespace offloader::transport {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::Answer;
using testing::FakeServer;
using testing::text_answer;

class TransportTest : public ::testing::Test {
 protected:
  HttpRequest request(const std::string& path) const {
    HttpRequest out;
    out.url = server_.url() + path;
    out.deadline = steady_clock::now() + seconds(60);
    return out;
  }
  HttpResponse perform(const HttpRequest& asked) { return std::move(transport_->perform({asked}).front()); }

  FakeServer server_{[](const testing::Request& asked) {
    if (asked.path == "/long") return text_answer(200, std::string(100'000, 'x'));
    if (asked.path == "/refused") return text_answer(403, std::string(100'000, 'x'));
    if (asked.path.starts_with("/chunked")) {
      Answer chunked = text_answer(200, asked.path == "/chunked" ? "body" : "");
      chunked.headers.emplace_back("X-Place", "head");
      chunked.chunked = true;
      chunked.trailers = {{"X-Place", "end"}, {"X-Only-End", "yes"}};
      return chunked;
    }
    if (asked.path == "/gzip") {
      using namespace std::string_literals;
      // `printf hello | gzip -n`
      Answer packed = text_answer(
          200,
          "\037\213\010\000\000\000\000\000\000\003\313\110\315\311\311\007\000\206\246\020\066\005\000\000\000"s);
      packed.headers.emplace_back("Content-Encoding", "gzip");
      if (asked.header("accept-encoding").find("gzip") != std::string::npos)
        packed.headers.emplace_back("X-Asked", "gzip");
      return packed;
    }
    if (asked.path == "/part") {
      Answer part = text_answer(206, "0123456789");
      part.headers.emplace_back("Content-Range", "bytes 0-9/100");
      return part;
    }
    Answer echo = text_answer(200, asked.method + " " + asked.path + "?" + asked.query + " " + asked.body);
    echo.headers.emplace_back("X-Seen", asked.header("x-asked"));
    return echo;
  }};
  std::shared_ptr<Transport> transport_ = make_curl_transport({});
};

TEST_F(TransportTest, Perform_EachMethod_SendsTheRequestAsWritten) {
  HttpRequest asked = request("/a%20b/%c3%bc//x?q=%2F&r=[1]");
  asked.headers = {"X-Asked: yes"};
  const HttpResponse got = perform(asked);
  EXPECT_EQ(got.outcome, Outcome::answered);
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, "GET /a%20b/%c3%bc//x?q=%2F&r=%5B1%5D ");
  EXPECT_EQ(got.header("x-seen"), "yes");
  asked.method = "POST";
  asked.body = "text";
  EXPECT_EQ(perform(asked).body, "POST /a%20b/%c3%bc//x?q=%2F&r=%5B1%5D text");
  asked.method = "HEAD";
  EXPECT_EQ(perform(asked).body, "");
}

TEST_F(TransportTest, Perform_ManyRequests_ReturnsAnswersInTheirOrder) {
  std::vector<HttpRequest> many;
  for (int i = 0; i < 20; ++i) many.push_back(request("/" + std::to_string(i)));
  const auto answers = transport_->perform(many);
  ASSERT_EQ(answers.size(), many.size());
  for (std::size_t i = 0; i < many.size(); ++i)
    EXPECT_EQ(answers[i].body, "GET /" + std::to_string(i) + "? ");
  EXPECT_TRUE(transport_->perform({}).empty());
}

TEST_F(TransportTest, Perform_SegmentsAndLimits_FillsBuffersWithinTheLimit) {
  HttpRequest part = request("/part");
  std::string buffer(5, '.');
  part.segments = {{1, 2, buffer.data()}, {7, 3, buffer.data() + 2}};
  part.expected = 10;
  EXPECT_EQ(perform(part).received, 10U);
  EXPECT_EQ(buffer, "12789");
  part.expected = 9;
  EXPECT_EQ(perform(part).outcome, Outcome::too_large);
  HttpRequest limited = request("/long");
  limited.limit = 99'999;
  EXPECT_EQ(perform(limited).outcome, Outcome::too_large);
  limited.limit = 100'000;
  EXPECT_EQ(perform(limited).body.size(), 100'000U);
  // An error page may exceed the limit: the status alone says what is wrong.
  EXPECT_EQ(perform(request("/refused")).outcome, Outcome::answered);
  EXPECT_EQ(perform(request("/refused")).status, 403);
}

TEST_F(TransportTest, Perform_Sink_GetsTheBodyOfASuccessInParts) {
  std::string got;
  const std::function<bool(std::string_view)> sink = [&](std::string_view part) {
    got += part;
    return true;
  };
  HttpRequest asked = request("/long");
  asked.sink = &sink;
  asked.limit = 10;
  const HttpResponse whole = perform(asked);
  EXPECT_EQ(whole.outcome, Outcome::answered);
  EXPECT_EQ(whole.received, 100'000U);
  EXPECT_EQ(got, std::string(100'000, 'x'));
  EXPECT_EQ(whole.body, "");
  got.clear();
  asked.url = request("/refused").url;
  EXPECT_EQ(perform(asked).status, 403);
  EXPECT_EQ(got, "") << "an error page is no part of the body";
  const std::function<bool(std::string_view)> full = [](std::string_view) { return false; };
  asked.url = request("/long").url;
  asked.sink = &full;
  EXPECT_EQ(perform(asked).outcome, Outcome::failed);
}

TEST_F(TransportTest, Perform_ChunkedAnswer_HasTrailersApartFromHeaders) {
  const HttpResponse got = perform(request("/chunked"));
  EXPECT_EQ(got.outcome, Outcome::answered);
  EXPECT_EQ(got.body, "body");
  EXPECT_EQ(got.header("x-place"), "head");
  EXPECT_EQ(got.trailer("x-place"), "end");
  EXPECT_EQ(got.header("x-only-end"), "");
  EXPECT_EQ(got.trailer("x-only-end"), "yes");
  EXPECT_EQ(perform(request("/chunked-empty")).trailer("x-place"), "end");
  testing::Fault cut;
  cut.close_after = 2;
  server_.inject({.path_contains = "/chunked", .fault = cut});
  EXPECT_EQ(perform(request("/chunked")).outcome, Outcome::failed) << "without its last chunk";
}

TEST_F(TransportTest, Perform_Decode_AcceptsAndDecompressesGzip) {
  HttpRequest asked = request("/gzip");
  EXPECT_NE(perform(asked).body, "hello") << "sent as it is if nobody asked";
  asked.decode = true;
  const HttpResponse got = perform(asked);
  EXPECT_EQ(got.body, "hello");
  EXPECT_EQ(got.header("x-asked"), "gzip");
}

TEST_F(TransportTest, Perform_HangingServer_EndsAtTheDeadlineOrOnCancel) {
  testing::Fault hang;
  hang.hang = true;
  server_.inject({.path_contains = "/hang", .times = -1, .fault = hang});
  HttpRequest asked = request("/hang");
  asked.deadline = steady_clock::now() + std::chrono::milliseconds(100);
  EXPECT_EQ(perform(asked).outcome, Outcome::timed_out);
  CancelFlag cancel;
  asked.deadline = steady_clock::now() + seconds(60);
  asked.cancel = &cancel;
  cancel.cancel();
  EXPECT_EQ(perform(asked).outcome, Outcome::cancelled);
}

TEST_F(TransportTest, Perform_PrivateAddressWithPublicOnly_IsRefused) {
  HttpRequest asked = request("/x");
  asked.public_only = true;
  EXPECT_EQ(perform(asked).outcome, Outcome::refused);
  asked.url = "http://localhost:" + std::to_string(server_.port()) + "/x";
  EXPECT_EQ(perform(asked).outcome, Outcome::refused);
  // A kept connection must not bypass the check.
  asked.public_only = false;
  EXPECT_EQ(perform(asked).outcome, Outcome::answered);
  asked.public_only = true;
  EXPECT_EQ(perform(asked).outcome, Outcome::refused);
  EXPECT_EQ(server_.count("GET"), 1);
}

// libcurl would accept some of these and connect to our server.
TEST_F(TransportTest, Perform_InvalidUrl_FailsWithoutConnecting) {
  const std::string port = std::to_string(server_.port());
  for (const char* const written :
       {"", "127.0.0.1:PORT/x", "http://2130706433:PORT/x", "http://127.1:PORT/x", "http://0x7f000001:PORT/x",
        "http://user@127.0.0.1:PORT/x", "http:/127.0.0.1:PORT/x", "http:///127.0.0.1:PORT/x",
        "file:///etc/passwd", "ftp://127.0.0.1:PORT/x", "s3://127.0.0.1/x", "http://127.0.0.1:PORT/%"}) {
    std::string url = written;
    if (const auto at = url.find("PORT"); at != std::string::npos) url.replace(at, 4, port);
    HttpRequest asked = request("/x");
    asked.url = url;
    EXPECT_EQ(perform(asked).outcome, Outcome::failed) << url;
  }
  EXPECT_EQ(server_.connections(), 0U);
}

// libcurl refuses option values of more than 8,000,000 bytes.
TEST_F(TransportTest, Perform_OptionThatLibcurlRefuses_FailsWithoutConnecting) {
  const std::string huge(8'000'001, 'x');
  HttpRequest asked = request("/x");
  asked.method = huge;
  EXPECT_EQ(perform(asked).outcome, Outcome::failed) << "must not be sent as GET";
  for (const TransportOptions& options :
       {TransportOptions{.ca_file = huge, .https_proxy = "", .no_proxy = ""},
        TransportOptions{.ca_file = "", .https_proxy = huge, .no_proxy = ""}}) {
    transport_ = make_curl_transport(options);
    asked = request("/x");
    if (!options.https_proxy.empty()) asked.url.replace(0, 4, "https");
    const HttpResponse got = perform(asked);
    EXPECT_EQ(got.outcome, Outcome::failed);
    EXPECT_FALSE(got.failure.empty());
  }
  EXPECT_EQ(server_.connections(), 0U);
}

TEST_F(TransportTest, Perform_NoListener_ReportsTheReasonWithoutTheUrl) {
  HttpRequest asked;
  asked.url = "http://127.0.0.1:1/secret";
  asked.deadline = steady_clock::now() + seconds(20);
  const HttpResponse got = perform(asked);
  EXPECT_EQ(got.outcome, Outcome::failed);
  EXPECT_FALSE(got.failure.empty());
  EXPECT_THAT(got.failure, ::testing::Not(::testing::HasSubstr("secret")));
}

}  // namespace
}  // namespace offloader::transport
