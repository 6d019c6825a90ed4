// Certificates of clients: which are accepted, and what handlers see of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/test_server.h"
#include "tests/tls_client.h"

namespace offloader::http::test {
namespace {

using ::testing::HasSubstr;
using testing::IssuedCertificate;
using testing::TestAuthority;

const std::string kGet = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

class ClientCertificateTest : public ::testing::Test {
 protected:
  // Returns what the handler saw: `none`, or the names, each followed by a blank.
  [[nodiscard]] std::string seen_with(const IssuedCertificate* certificate, int version = TLS1_3_VERSION) {
    TlsClient client(server_.server->port(), servers_, {.newest = version, .certificate = certificate});
    return seen_by(client);
  }
  static std::string seen_by(TlsClient& client) {
    const std::string answer = client.exchange(kGet, ".\n");
    const std::size_t head = answer.find("\r\n\r\n");
    return head == std::string::npos ? "no answer" : answer.substr(head + 4, answer.size() - head - 6);
  }
  [[nodiscard]] IssuedCertificate named(const std::string& names) const {
    return clients_.issue({.common_name = "client", .names = names});
  }

  TestAuthority servers_{"server authority"};
  TestAuthority clients_{"client authority"};
  PortFiles files_{servers_, &clients_};
  std::shared_ptr<TlsCredentials> credentials_ = files_.load();
  TestServer server_{[](const Request& request, Responder responder, const auto&) {
                       std::string seen = request.lacks_certificate() ? "none" : "";
                       if (const auto* certificate = request.client_certificate()) {
                         for (const auto& name : certificate->names) seen += name + " ";
                       }
                       std::move(responder).send(text(seen + ".\n"));
                     },
                     with_tls(credentials_)};
};

TEST_F(ClientCertificateTest, Names_AreThoseOfServicesAndHosts) {
  const auto certificate =
      named("URI:spiffe://example.org/billing,DNS:Billing.Example,email:a@b.example,URI:https://x.example/");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
    EXPECT_EQ(seen_with(&certificate, version), "spiffe://example.org/billing dns:billing.example ");
  const auto nameless = named("");
  EXPECT_EQ(seen_with(&nameless), "");
}

TEST_F(ClientCertificateTest, CertificateThatDoesNotVerify_CountsAsNone) {
  EXPECT_EQ(seen_with(nullptr), "none");
  EXPECT_EQ(seen_with(nullptr, TLS1_2_VERSION), "none");
  const auto foreign = servers_.issue({.names = "URI:spiffe://example.org/billing"});
  EXPECT_EQ(seen_with(&foreign), "none");
  // Another authority of the same name.
  const auto forged = TestAuthority("client authority").issue({.names = "URI:spiffe://example.org/billing"});
  EXPECT_EQ(seen_with(&forged), "none");
  const auto expired = clients_.issue({.valid_until = std::chrono::seconds(-5)});
  EXPECT_EQ(seen_with(&expired), "none");
  const auto early = clients_.issue({.valid_from = std::chrono::seconds(600)});
  EXPECT_EQ(seen_with(&early), "none");
}

// Neither a kept connection nor a resumed session outlives the certificate.
TEST_F(ClientCertificateTest, CertificateThatExpires_CountsAsNoneFromThenOn) {
  const auto brief = clients_.issue({.names = "DNS:a.example", .valid_until = std::chrono::seconds(4)});
  TlsClient client(server_.server->port(), servers_, {.certificate = &brief});
  ASSERT_EQ(seen_by(client), "dns:a.example ");
  SSL_SESSION* const session = SSL_get1_session(client.ssl());
  TlsClient early(server_.server->port(), servers_, {.certificate = &brief, .resume = session});
  EXPECT_TRUE(early.resumed());
  EXPECT_EQ(seen_by(early), "dns:a.example ");
  EXPECT_TRUE(eventually([&] { return seen_by(client) == "none"; }));
  TlsClient late(server_.server->port(), servers_, {.certificate = &brief, .resume = session});
  EXPECT_EQ(seen_by(late), "none");
  SSL_SESSION_free(session);
}

TEST_F(ClientCertificateTest, Session_OfAnotherAuthorityIsNotResumed) {
  const auto certificate = named("DNS:a.example");
  TlsClient client(server_.server->port(), servers_, {.certificate = &certificate});
  ASSERT_EQ(seen_by(client), "dns:a.example ");
  SSL_SESSION* const session = SSL_get1_session(client.ssl());
  testing::replace_file(files_.files.client_ca, TestAuthority("next authority").certificate());
  ASSERT_TRUE(credentials_->reread());
  TlsClient next(server_.server->port(), servers_, {.certificate = &certificate, .resume = session});
  EXPECT_FALSE(next.resumed());
  EXPECT_EQ(seen_by(next), "none");
  EXPECT_EQ(seen_by(client), "dns:a.example ");  // connections are kept
  SSL_SESSION_free(session);
}

TEST_F(ClientCertificateTest, PortWithoutAuthorities_AsksForNone) {
  const PortFiles files(servers_);
  TestServer server(
      [](const Request& request, Responder responder, const auto&) {
        const bool any = request.lacks_certificate() || request.client_certificate() != nullptr;
        std::move(responder).send(text(any ? "asked.\n" : "not asked.\n"));
      },
      with_tls(files.load()));
  const auto certificate = named("DNS:a.example");
  TlsClient client(server.server->port(), servers_, {.certificate = &certificate});
  EXPECT_EQ(seen_by(client), "not asked");
}

}  // namespace
}  // namespace offloader::http::test
