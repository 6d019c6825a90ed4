// A port that speaks TLS: which clients it accepts, and that connections behave as on a plain port.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <optional>
#include <random>
#include <thread>

#include "tests/test_server.h"
#include "tests/tls_client.h"

namespace offloader::http::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TestAuthority;
using End = TlsClient::End;

const std::string kGet = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

class TlsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_DFL); }  // the server must not raise it

  // Starts a server that answers with the path of the request.
  void start(ServerOptions options = {}) {
    start([](const Request& request, Responder responder,
             const auto&) { std::move(responder).send(text(std::string(request.target()) + ".")); },
          std::move(options));
  }
  void start(Handler handler, ServerOptions options = {}) {
    options.tls = credentials_;
    server_.emplace(std::move(handler), std::move(options));
  }
  [[nodiscard]] std::uint16_t port() const { return server_->server->port(); }

  TestAuthority authority_{"server authority"};
  PortFiles files_{authority_};
  std::shared_ptr<TlsCredentials> credentials_ = files_.load();
  std::optional<TestServer> server_;
};

TEST_F(TlsTest, Requests_AreAnsweredOnAKeptConnection_InBothVersions) {
  start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(port(), authority_, {.newest = version});
    ASSERT_TRUE(client.connected());
    EXPECT_EQ(SSL_version(client.ssl()), version);
    EXPECT_EQ(client.protocol(), "http/1.1");
    for (int i = 0; i < 3; ++i) EXPECT_THAT(client.exchange(kGet, "/x."), HasSubstr("HTTP/1.1 200 OK"));
    EXPECT_EQ(occurrences(client.exchange(kGet + kGet + "GET /last HTTP/1.1\r\nHost: a\r\n\r\n", "/last."),
                          "200 OK"),
              3U);
  }
}

TEST_F(TlsTest, OldVersions_AreRefused) {
  start();
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION})
    EXPECT_FALSE(TlsClient(port(), authority_, {.newest = version}).connected());
}

TEST_F(TlsTest, Suites_AreOnlyThoseWithEphemeralKeysAndAuthenticatedEncryption) {
  start();
  TlsClient client(port(), authority_, {.newest = TLS1_2_VERSION});
  ASSERT_TRUE(client.connected());
  EXPECT_THAT(SSL_CIPHER_get_name(SSL_get_current_cipher(client.ssl())), HasSubstr("ECDHE-ECDSA-"));
}

TEST_F(TlsTest, Protocol_IsRefusedIfTheClientOffersOthersOnly) {
  start();
  EXPECT_FALSE(TlsClient(port(), authority_, {.protocols = "\x02h2"}).connected());
  EXPECT_TRUE(TlsClient(port(), authority_, {.protocols = "\x02h2\x08http/1.1"}).connected());
  EXPECT_TRUE(TlsClient(port(), authority_, {.protocols = ""}).connected());
  TlsClient old(port(), authority_, {.protocols = "\x08http/1.0"});
  EXPECT_EQ(old.protocol(), "http/1.0");
  EXPECT_THAT(old.exchange("GET /old HTTP/1.0\r\n\r\n", "/old."), HasSubstr("200 OK"));
}

TEST_F(TlsTest, Renegotiation_IsRefused) {
  start();
  TlsClient client(port(), authority_, {.newest = TLS1_2_VERSION});
  ASSERT_TRUE(client.connected());
  SSL_renegotiate(client.ssl());
  client.exchange(kGet, "/x.");
  EXPECT_NE(SSL_do_handshake(client.ssl()), 1);
}

TEST_F(TlsTest, KeyUpdate_IsFollowed) {
  start();
  TlsClient client(port(), authority_);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    EXPECT_THAT(client.exchange(kGet, "/x."), HasSubstr("200 OK"));
  }
}

TEST_F(TlsTest, PlainRequest_IsToldToUseTls) {
  start();
  RawClient client(port());
  client.send(kGet);
  ASSERT_TRUE(client.read_to_end());
  EXPECT_THAT(client.received(), HasSubstr("HTTP/1.1 400 Bad Request"));
  EXPECT_THAT(client.received(), HasSubstr("this port speaks TLS: use https://"));
}

TEST_F(TlsTest, HelloOnAPlainPort_IsToldToUseHttp) {
  TestServer plain(
      [](const Request&, Responder responder, const auto&) { std::move(responder).send(text("never")); });
  EXPECT_FALSE(TlsClient(plain.server->port(), authority_).connected());
  RawClient client(plain.server->port());
  client.send("\x16\x03\x01");
  ASSERT_TRUE(client.read_to_end());
  EXPECT_THAT(client.received(), HasSubstr("this port speaks plain HTTP, not TLS"));
}

TEST_F(TlsTest, StalledHandshake_IsCountedAndEndsInTime) {
  ServerOptions options;
  options.limits.handshake = std::chrono::milliseconds(50);
  options.limits.max_connections = 1;
  start(std::move(options));
  for (const std::string_view sent : {"", "\x16\x03\x01\x02"}) {
    RawClient stalled(port());
    stalled.send(sent);
    ASSERT_TRUE(eventually([&] { return server_->server->connections() == 1; }));
    EXPECT_TRUE(stalled.read_to_end());
    EXPECT_THAT(stalled.received(), IsEmpty());
  }
  ASSERT_TRUE(eventually([&] { return server_->server->connections() == 0; }));
}

TEST_F(TlsTest, ConnectionPastTheLimit_GetsA503) {
  ServerOptions options;
  options.limits.max_connections = 1;
  start(std::move(options));
  TlsClient first(port(), authority_);
  ASSERT_THAT(first.exchange(kGet, "/x."), HasSubstr("200 OK"));
  TlsClient second(port(), authority_);
  ASSERT_TRUE(second.connected());
  EXPECT_TRUE(second.read_text("503 Service Unavailable"));
  EXPECT_EQ(second.read_to_end(), End::session_closed);
}

TEST_F(TlsTest, MutatedHandshakes_DoNotHarmTheServer) {
  ServerOptions options;
  options.limits.handshake = std::chrono::milliseconds(20);
  start(std::move(options));
  // What a client sends first, from a client that talks to a listener of this test.
  std::string hello;
  {
    const SslPtr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
    const SslPtr<SSL> ssl(SSL_new(context.get()));
    BIO* const out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
    SSL_connect(ssl.get());
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out, &bytes);
    hello.assign(bytes, static_cast<std::size_t>(size));
  }
  std::mt19937 random(18);
  for (int i = 0; i < 300; ++i) {
    std::string sent = hello;
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes)
      sent[random() % sent.size()] = static_cast<char>(random());
    if (random() % 4 == 0) sent.resize(random() % sent.size());
    RawClient client(port());
    client.send(sent);
    client.half_close();
    ASSERT_TRUE(client.read_to_end()) << i;
  }
  EXPECT_THAT(TlsClient(port(), authority_).exchange(kGet, "/x."), HasSubstr("200 OK"));
}

TEST_F(TlsTest, LargeBodies_ArriveWhole_InBothDirections) {
  std::mt19937 random(7);
  Response large;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    std::string piece(random() % 60000, '.');
    for (char& c : piece) c = static_cast<char>('a' + random() % 26);
    expected += piece;
    large.body.append(std::move(piece));
  }
  expected += "#end";
  large.body.append(std::string("#end"));
  ServerOptions options;
  options.limits.max_body = 8 << 20;
  options.reads_body = [](const Request&) { return true; };
  std::string got;
  start(
      [&](const Request& request, Responder responder, const auto&) {
        if (request.body() == nullptr) return std::move(responder).send(large);
        const auto later = std::make_shared<Responder>(std::move(responder));
        read_all(*request.body(), [&got, later](Result<std::string> body) {
          got = std::move(*body);
          std::move(*later).send(text("stored."));
        });
      },
      std::move(options));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(port(), authority_, {.newest = version});
    const std::string answer = client.exchange(kGet, "#end");
    ASSERT_TRUE(answer.ends_with("\r\n\r\n" + expected));
    const std::string body = expected.substr(0, 3 << 20);
    EXPECT_THAT(client.exchange("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                                    std::to_string(body.size()) + "\r\n\r\n" + body,
                                "stored."),
                HasSubstr("200 OK"));
    EXPECT_TRUE(got == body);
  }
}

TEST_F(TlsTest, ClientThatLeaves_CancelsItsRequest) {
  std::atomic<bool> cancelled{false};
  std::optional<Responder> waiting;
  start([&](const Request&, Responder responder, const std::shared_ptr<CancelFlag>& gone) {
    waiting.emplace(std::move(responder));
    gone->on_cancel([&] { cancelled = true; });
  });
  {
    TlsClient client(port(), authority_);
    client.send(kGet);
  }
  EXPECT_TRUE(eventually([&] { return cancelled.load(); }));
}

TEST_F(TlsTest, Stop_ClosesAnIdleConnectionWithItsSession) {
  start();
  TlsClient client(port(), authority_);
  ASSERT_THAT(client.exchange(kGet, "/x."), HasSubstr("200 OK"));
  server_->server->stop(std::chrono::seconds(1));
  EXPECT_EQ(client.read_to_end(), End::session_closed);
}

// A body that ends with the connection looks complete when the session ends. It must not end if the body is
// incomplete.
TEST_F(TlsTest, StreamedBody_EndsTheSessionOnlyIfItIsComplete) {
  start([](const Request& request, Responder responder, const auto&) {
    BodyStream stream = std::move(responder).stream({});
    stream.write("part one,");
    if (request.path() == "/whole") std::move(stream).finish();
  });
  TlsClient whole(port(), authority_);
  whole.send("GET /whole HTTP/1.0\r\nHost: a\r\n\r\n");
  EXPECT_EQ(whole.read_to_end(), End::session_closed);
  EXPECT_THAT(whole.received(), HasSubstr("part one,"));
  TlsClient broken(port(), authority_);
  broken.send("GET /broken HTTP/1.0\r\nHost: a\r\n\r\n");
  EXPECT_NE(broken.read_to_end(), End::session_closed);
  TlsClient chunks(port(), authority_);
  chunks.send("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(chunks.read_to_end(), End::session_closed);
  EXPECT_THAT(chunks.received(), ::testing::Not(HasSubstr("\r\n0\r\n")));
}

TEST_F(TlsTest, SlowReader_HoldsItsProducerBack) {
  std::atomic<std::size_t> written{0};
  std::thread producer;
  start([&](const Request&, Responder responder, const auto&) {
    producer = std::thread([&written, stream = std::move(responder).stream({})]() mutable {
      for (int i = 0; i < 320; ++i) {
        const auto state = stream.write(std::string(64 << 10, 'x'));
        written += 64 << 10;
        if (state == BodyStream::State::gone) return;
        if (state == BodyStream::State::full && stream.wait() == BodyStream::State::gone) return;
      }
      std::move(stream).finish();
    });
  });
  TlsClient client(port(), authority_, {.receive_buffer = 64 << 10});
  client.send(kGet);
  ASSERT_TRUE(client.read_text("xxxx"));
  // It writes until everything between the two is full, and then waits: 20 MiB would not fit.
  std::size_t before = 0;
  ASSERT_TRUE(eventually([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return std::exchange(before, written.load()) == written.load();
  }));
  EXPECT_LT(written.load(), 8U << 20);
  EXPECT_TRUE(client.read_text("\r\n0\r\n\r\n"));
  EXPECT_GT(client.received().size(), 20U << 20);
  producer.join();
}

}  // namespace
}  // namespace offloader::http::test
