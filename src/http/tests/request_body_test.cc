// Request bodies that the handler reads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/test_server.h"

namespace offloader::http::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string post(const std::string& headers, const std::string& body = "") {
  return "POST /x HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}
std::string sized(const std::string& body) {
  return post("Content-Length: " + std::to_string(body.size()) + "\r\n", body);
}

ServerOptions reading(Limits limits = {}) {
  ServerOptions options;
  options.limits = limits;
  options.reads_body = [](const Request& request) { return request.method() == "POST"; };
  return options;
}

// Answers with the body, or with the name of the error.
void echo(const Request& request, Responder responder, const std::shared_ptr<CancelFlag>&) {
  if (request.body() == nullptr) return std::move(responder).send(text("no body"));
  const auto shared = std::make_shared<Responder>(std::move(responder));
  read_all(*request.body(), [shared](const Result<std::string>& body) {
    if (!body) return std::move(*shared).send(text(std::string(name_of(body.error().code)), 400));
    std::move(*shared).send(text("[" + *body + "]"));
  });
}

TEST(RequestBody, Read_SelectedBody_ReachesTheHandler) {
  TestServer server(echo, reading());
  RawClient client(server.server->port());
  client.send(sized("a body"));
  EXPECT_TRUE(client.read_text("[a body]"));
  client.send(post("Transfer-Encoding: chunked\r\n", "2\r\nab\r\n3;x=y\r\ncde\r\n0\r\nT: v\r\n\r\n"));
  EXPECT_TRUE(client.read_text("[abcde]"));
  client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(client.read_text("no body"));
  client.send("GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab" + sized("last"));
  EXPECT_TRUE(client.read_text("[last]"));
}

TEST(RequestBody, Read_PiecesOfAnySize_AreJoined) {
  std::string body;
  for (int i = 0; i < 9000; ++i) body += std::to_string(i) + ",";
  std::string chunked;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t size = std::min<std::size_t>(body.size() - at, 1 + at % 301);
    char head[16];
    std::snprintf(head, sizeof head, "%zx\r\n", size);
    chunked += head + body.substr(at, size) + "\r\n";
    at += size;
  }
  TestServer server(echo, reading());
  RawClient client(server.server->port());
  client.send(sized(body) + post("Transfer-Encoding: chunked\r\n", chunked + "0\r\n\r\n"));
  EXPECT_TRUE(
      client.read_until([&](const std::string& all) { return occurrences(all, "[" + body + "]") == 2; }));
  EXPECT_EQ(occurrences(client.received(), "[" + body + "]"), 2U);
}

TEST(RequestBody, Read_TooLarge_FailsAndTheConnectionCloses) {
  Limits limits;
  limits.max_body = 10;
  for (const std::string& request :
       {post("Content-Length: 11\r\n", "01234567890"),
        post("Transfer-Encoding: chunked\r\n", "6\r\n012345\r\n5\r\n01234\r\n0\r\n\r\n")}) {
    TestServer server(echo, reading(limits));
    RawClient client(server.server->port());
    client.send(request);
    ASSERT_TRUE(client.read_to_end());
    EXPECT_THAT(client.received(), HasSubstr(name_of(ErrorCode::too_large)));
    EXPECT_THAT(client.received(), HasSubstr("Connection: close"));
  }
}

TEST(RequestBody, Read_Malformed_FailsAndTheConnectionCloses) {
  TestServer server(echo, reading());
  RawClient client(server.server->port());
  client.send(post("Transfer-Encoding: chunked\r\n", "2\r\nabc\r\n0\r\n\r\n"));
  ASSERT_TRUE(client.read_to_end());
  EXPECT_THAT(client.received(), HasSubstr(name_of(ErrorCode::bad_request)));
}

TEST(RequestBody, Read_ClientExpectsContinue_SendsContinueFirst) {
  std::promise<void> read;
  auto may_read = read.get_future().share();
  std::atomic<bool> asked{false};
  std::optional<std::jthread> reader;
  TestServer server(
      [&](const Request& request, Responder responder, const std::shared_ptr<CancelFlag>& gone) {
        asked = true;
        reader.emplace([&request, gone, may_read, kept = std::make_shared<Responder>(std::move(responder))] {
          may_read.wait();
          echo(request, std::move(*kept), gone);
        });
      },
      reading());
  RawClient client(server.server->port());
  client.send(post("Content-Length: 4\r\nExpect: 100-continue\r\n"));
  ASSERT_TRUE(eventually([&] { return asked.load(); }));
  EXPECT_EQ(client.received(), "");
  read.set_value();
  ASSERT_TRUE(client.read_text("HTTP/1.1 100 Continue\r\n\r\n"));
  client.send("body");
  EXPECT_TRUE(client.read_text("[body]"));
}

TEST(RequestBody, UnreadBody_NotSentYet_StaysWithTheClient) {
  std::optional<Responder> kept;
  std::atomic<bool> asked{false};
  ServerOptions options = reading();
  options.limits.max_body = 64U << 20;
  TestServer server(
      [&](const Request&, Responder responder, const std::shared_ptr<CancelFlag>&) {
        kept.emplace(std::move(responder));
        asked = true;
      },
      options);
  RawClient client(server.server->port());
  client.send(post("Content-Length: 67108864\r\n"));
  ASSERT_TRUE(eventually([&] { return asked.load(); }));
  std::size_t taken = 0;
  for (std::size_t sent = 0; (sent = client.send_now(std::string(64U << 10, 'x'))) > 0;) {
    taken += sent;
    ASSERT_LT(taken, 48U << 20) << "nothing holds the client back";
  }
  std::move(*kept).send(text("enough"));
  ASSERT_TRUE(client.read_text("enough"));
  EXPECT_THAT(client.received(), HasSubstr("Connection: close"));
}

TEST(RequestBody, UnreadBody_AlreadyReceived_IsSkippedAndTheConnectionKept) {
  TestServer server([](const Request&, Responder responder,
                       const std::shared_ptr<CancelFlag>&) { std::move(responder).send(text("ignored")); },
                    reading());
  RawClient client(server.server->port());
  client.send(sized("a body") + sized("another"));
  ASSERT_TRUE(client.read_until([](const std::string& all) { return occurrences(all, "ignored") == 2; }));
  EXPECT_EQ(occurrences(client.received(), "ignored"), 2U);
  EXPECT_THAT(client.received(), Not(HasSubstr("Connection: close")));
}

TEST(RequestBody, Read_BodyArrivesTooSlowly_FailsAndTheConnectionCloses) {
  std::promise<ErrorCode> told;
  Limits limits;
  limits.request_arrival = std::chrono::milliseconds(50);
  TestServer server(
      [&](const Request& request, Responder responder, const std::shared_ptr<CancelFlag>&) {
        const auto kept = std::make_shared<Responder>(std::move(responder));
        read_all(*request.body(), [&, kept](const Result<std::string>& body) {
          told.set_value(body ? ErrorCode::internal : body.error().code);
        });
      },
      reading(limits));
  RawClient client(server.server->port());
  client.send(post("Content-Length: 9\r\n", "ab"));
  EXPECT_TRUE(client.read_to_end());
  EXPECT_EQ(told.get_future().get(), ErrorCode::cancelled);
}

TEST(RequestBody, Read_ClientGoesAway_Fails) {
  std::promise<ErrorCode> told;
  std::atomic<bool> asked{false};
  TestServer server(
      [&](const Request& request, Responder responder, const std::shared_ptr<CancelFlag>&) {
        const auto kept = std::make_shared<Responder>(std::move(responder));
        read_all(*request.body(), [&, kept](const Result<std::string>& body) {
          told.set_value(body ? ErrorCode::internal : body.error().code);
        });
        asked = true;
      },
      reading());
  {
    RawClient client(server.server->port());
    client.send(post("Content-Length: 9\r\n", "ab"));
    ASSERT_TRUE(eventually([&] { return asked.load(); }));
  }
  EXPECT_EQ(told.get_future().get(), ErrorCode::cancelled);
}

}  // namespace
}  // namespace offloader::http::test
