// The files of a TLS port: what is refused, how they are replaced while the server runs, and what that means
// for sessions.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "tests/test_server.h"
#include "tests/tls_client.h"

namespace offloader::http::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::replace_file;
using ::testing::StartsWith;
using testing::TestAuthority;
using Reread = TlsCredentials::Reread;

const std::string kGet = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

Handler answers() {
  return [](const Request&, Responder responder, const auto&) { std::move(responder).send(text("fine.")); };
}

class TlsCredentialsTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string refused() const {
    const auto loaded = TlsCredentials::load(files_.files);
    return loaded ? "accepted" : loaded.error().message;
  }
  // Returns the session after a request, when the tickets of TLS 1.3 have arrived.
  static std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)> session_of(TlsClient& client) {
    client.exchange(kGet, "fine.");
    return {SSL_get1_session(client.ssl()), SSL_SESSION_free};
  }

  TestAuthority authority_{"server authority"};
  PortFiles files_{authority_};
};

TEST_F(TlsCredentialsTest, Load_SaysWhichFileIsWrong) {
  const auto other = authority_.issue();
  replace_file(files_.files.key, other.key);
  EXPECT_THAT(refused(), AllOf(StartsWith("Invalid PORT_TLS_KEY \""),
                               HasSubstr("does not have the key of the certificate")));
  replace_file(files_.files.key, other.certificate);
  EXPECT_THAT(refused(), AllOf(StartsWith("Invalid PORT_TLS_KEY \""), HasSubstr("has no private key")));
  replace_file(files_.files.key,
               "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
  EXPECT_THAT(refused(), AllOf(StartsWith("Invalid PORT_TLS_KEY \""), HasSubstr("is encrypted")));
  replace_file(files_.files.certificate, other.key);
  EXPECT_THAT(refused(), AllOf(StartsWith("Invalid PORT_TLS_CERT \""), HasSubstr("has no certificate")));
  replace_file(files_.files.certificate, other.certificate + other.certificate.substr(0, 200));
  EXPECT_THAT(refused(), AllOf(StartsWith("Invalid PORT_TLS_CERT \""), HasSubstr("cannot be parsed")));
  std::filesystem::remove(files_.files.certificate);
  EXPECT_THAT(refused(), AllOf(StartsWith("Invalid PORT_TLS_CERT \""), HasSubstr("cannot be read")));
  files_.replace(other);
  EXPECT_EQ(refused(), "accepted");
  files_.files.client_ca = files_.folder.path() / "absent.pem";
  EXPECT_THAT(refused(), AllOf(StartsWith("Invalid PORT_TLS_CLIENT_CA \""), HasSubstr("cannot be read")));
}

TEST_F(TlsCredentialsTest, Expires_IsThatOfTheCertificateOrOfAnEarlierIntermediate) {
  const auto certificate = authority_.issue({.valid_until = std::chrono::hours(10)});
  const auto intermediate = authority_.issue({.valid_until = std::chrono::hours(2)});
  files_.replace({certificate.certificate + intermediate.certificate, certificate.key});
  const auto left = files_.load()->expires() - real_clock().now();
  EXPECT_LE(left, std::chrono::hours(2));
  EXPECT_GT(left, std::chrono::hours(1));
}

TEST_F(TlsCredentialsTest, ReplacedPair_IsUsedByNewConnectionsAndOldOnesAreKept) {
  const auto credentials = files_.load();
  TestServer server(answers(), with_tls(credentials));
  TlsClient before(server.server->port(), authority_);
  EXPECT_EQ(*credentials->reread_if_changed(), Reread::unchanged);
  files_.replace(authority_.issue());
  EXPECT_EQ(*credentials->reread_if_changed(), Reread::unchanged);  // it may still be changing
  EXPECT_EQ(*credentials->reread_if_changed(), Reread::replaced);
  EXPECT_EQ(*credentials->reread_if_changed(), Reread::unchanged);
  TlsClient after(server.server->port(), authority_);
  EXPECT_NE(before.serial(), after.serial());
  EXPECT_THAT(before.exchange(kGet, "fine."), HasSubstr("200 OK"));
  EXPECT_THAT(after.exchange(kGet, "fine."), HasSubstr("200 OK"));
}

TEST_F(TlsCredentialsTest, PairThatDoesNotFit_IsRefusedOnceAndTheOldOneStays) {
  const auto credentials = files_.load();
  TestServer server(answers(), with_tls(credentials));
  const long serial = TlsClient(server.server->port(), authority_).serial();
  const auto fresh = authority_.issue();
  replace_file(files_.files.certificate, fresh.certificate);
  EXPECT_TRUE(credentials->reread_if_changed());
  const auto refused = credentials->reread_if_changed();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, StartsWith("Invalid PORT_TLS_KEY \""));
  EXPECT_EQ(*credentials->reread_if_changed(), Reread::unchanged);
  EXPECT_FALSE(credentials->reread());  // on request it is tried again
  EXPECT_EQ(TlsClient(server.server->port(), authority_).serial(), serial);
  // The key that belongs to it arrives.
  replace_file(files_.files.key, fresh.key);
  EXPECT_EQ(*credentials->reread(), Reread::replaced);
  EXPECT_NE(TlsClient(server.server->port(), authority_).serial(), serial);
  std::filesystem::remove(files_.files.key);
  EXPECT_FALSE(credentials->reread());
  EXPECT_TRUE(TlsClient(server.server->port(), authority_).connected());
}

TEST_F(TlsCredentialsTest, Sessions_AreResumedUntilTheFilesAreReread) {
  const auto credentials = files_.load();
  TestServer server(answers(), with_tls(credentials, 2));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient first(server.server->port(), authority_, {.newest = version});
    const auto session = session_of(first);
    EXPECT_FALSE(first.resumed());
    TlsClient second(server.server->port(), authority_, {.newest = version, .resume = session.get()});
    EXPECT_TRUE(second.resumed());
    EXPECT_THAT(second.exchange(kGet, "fine."), HasSubstr("200 OK"));
    ASSERT_TRUE(credentials->reread());
    TlsClient third(server.server->port(), authority_, {.newest = version, .resume = session.get()});
    EXPECT_TRUE(third.connected());
    EXPECT_FALSE(third.resumed());
    EXPECT_THAT(third.exchange(kGet, "fine."), HasSubstr("200 OK"));
  }
}

TEST_F(TlsCredentialsTest, Rotation_UnderLoad_FailsNoRequest) {
  const auto credentials = files_.load();
  TestServer server(answers(), with_tls(credentials, 2));
  std::atomic<bool> stop{false};
  std::atomic<int> answered{0};
  std::atomic<int> failed{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, keeps = i % 2 == 0] {
      while (!stop) {
        TlsClient client(server.server->port(), authority_);
        for (int request = 0; request < (keeps ? 50 : 1); ++request)
          ++(client.exchange(kGet, "fine.").empty() ? failed : answered);
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    files_.replace(authority_.issue());
    EXPECT_TRUE(credentials->reread());
    const int before = answered;
    EXPECT_TRUE(eventually([&] { return answered > before + 20; }));
  }
  stop = true;
  for (auto& client : clients) client.join();
  EXPECT_EQ(failed, 0);
}

}  // namespace
}  // namespace offloader::http::test
