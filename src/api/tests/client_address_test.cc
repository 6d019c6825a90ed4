#include "client_address.h"

#include <gtest/gtest.h>

#include "tests/api_scene.h"

namespace offloader::api {
namespace {

const std::vector<Cidr> kTrusted = {*Cidr::parse("10.0.0.0/8"), *Cidr::parse("fd00::/8")};

std::string client(FakeRequest::Headers headers, const std::string& peer = "10.0.0.1",
                   const std::vector<Cidr>& trusted = kTrusted) {
  return client_address(FakeRequest("/", std::move(headers), "GET", peer), trusted).address;
}
bool certain(FakeRequest::Headers headers) {
  return client_address(FakeRequest("/", std::move(headers), "GET", "10.0.0.1"), kTrusted).certain;
}
std::string behind(const std::string& forwarded_for) {
  return client({{"x-forwarded-for", forwarded_for}});
}
std::string forwarded(const std::string& value) {
  return client({{"forwarded", value}});
}

TEST(ClientAddress, UntrustedPeer_IsTheClientAndItsHeadersAreIgnored) {
  EXPECT_EQ(client({{"x-forwarded-for", "192.0.2.7"}}, "203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(client({{"forwarded", "for=192.0.2.7"}}, "203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(client({{"x-forwarded-for", "192.0.2.7"}}, "10.0.0.1", {}), "10.0.0.1") << "nobody is trusted";
}

TEST(ClientAddress, TrustedPeer_WithoutForwardingHeaders_IsTheClient) {
  EXPECT_EQ(client({}), "10.0.0.1");
  EXPECT_EQ(behind(""), "10.0.0.1");
  EXPECT_EQ(forwarded("proto=https"), "10.0.0.1");
}

TEST(ClientAddress, ForwardedHops_AreBelievedOnlyFromTrustedProxies) {
  EXPECT_EQ(behind("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(behind("198.51.100.1, 192.0.2.7"), "192.0.2.7") << "192.0.2.7 may say what it likes";
  EXPECT_EQ(behind("192.0.2.7, 10.2.3.4,10.9.9.9"), "192.0.2.7");
  EXPECT_EQ(behind("10.1.1.1, 10.2.2.2"), "10.1.1.1") << "all are trusted: the outermost";
}

TEST(ClientAddress, ForwardedHop_NotAnAddress_EndsTheChain) {
  EXPECT_EQ(behind("192.0.2.7, unknown"), "10.0.0.1");
  EXPECT_EQ(behind("garbage"), "10.0.0.1");
  EXPECT_EQ(behind("192.0.2.0/24"), "10.0.0.1");
  EXPECT_EQ(behind("[2001:db8::7"), "10.0.0.1");
  EXPECT_EQ(behind("[2001:db8::7]x"), "10.0.0.1");
  EXPECT_EQ(behind("192.0.2.7:a"), "10.0.0.1");
  EXPECT_EQ(forwarded("for=_hidden"), "10.0.0.1");
  EXPECT_EQ(behind("192.0.2.7, , 10.2.2.2"), "10.2.2.2");
}

TEST(ClientAddress, ForwardedHop_WithPortOrBrackets_IsReducedToItsAddress) {
  EXPECT_EQ(behind("192.0.2.7:8080"), "192.0.2.7");
  EXPECT_EQ(behind("2001:db8::7"), "2001:db8::7");
  EXPECT_EQ(behind("[2001:db8::7]:443"), "2001:db8::7");
  EXPECT_EQ(forwarded("for=\"[2001:db8::7]:443\""), "2001:db8::7");
}

TEST(ClientAddress, Forwarded_AnyCaseOrPosition_NamesTheClient) {
  EXPECT_EQ(forwarded("proto=https; For=192.0.2.7 ;by=10.0.0.2"), "192.0.2.7");
  EXPECT_EQ(forwarded("for=198.51.100.1, for=192.0.2.7"), "192.0.2.7");
}

// A proxy may write what the client sent into quotes, such as the host.
TEST(ClientAddress, Forwarded_SeparatorsInQuotes_SeparateNothing) {
  for (const char* value :
       {R"(for=192.0.2.7;host="x,for=198.51.100.1")", R"(host="x;for=198.51.100.1";for=192.0.2.7)",
        R"(host="x\",for=198.51.100.1,\"";for=192.0.2.7)",
        R"(for="198.51.100.1, for=8.8.8.8", for=192.0.2.7)", R"(for=198.51.100.1 ,, for="192.0.2.7:80")"}) {
    EXPECT_EQ(forwarded(value), "192.0.2.7") << value;
    EXPECT_TRUE(certain({{"forwarded", value}})) << value;
  }
}

TEST(ClientAddress, Forwarded_Malformed_IsNotBelieved) {
  for (const char* value :
       {R"(for="192.0.2.7)", R"(for="192.0.2.7\", for=198.51.100.1)", "for=198.51.100.1;for=192.0.2.7",
        R"(for="198.51.100.1"x, for=192.0.2.7)", "for 192.0.2.7", "for=192.0.2.7 x", R"(for="\)",
        "for=[192.0.2.7", "for=\"[192.0.2.7]x\"", "for=192.0.2.7:x"}) {
    EXPECT_EQ(forwarded(value), "10.0.0.1") << value;
    EXPECT_FALSE(certain({{"forwarded", value}})) << value;
  }
}

// nginx sets X-Forwarded-For, and passes on the `Forwarded` header that a client invents.
TEST(ClientAddress, BothHeaders_NamingDifferentClients_AreNotBelieved) {
  const FakeRequest::Headers differ = {{"x-forwarded-for", "198.51.100.1"}, {"forwarded", "for=192.0.2.7"}};
  EXPECT_EQ(client(differ), "10.0.0.1");
  EXPECT_FALSE(certain(differ));
  const FakeRequest::Headers agree = {{"x-forwarded-for", "192.0.2.7"}, {"forwarded", "for=192.0.2.7"}};
  EXPECT_EQ(client(agree), "192.0.2.7");
  EXPECT_TRUE(certain(agree));
}

TEST(ClientAddress, Certain_ChainThatEndsInNoAddress_IsFalse) {
  EXPECT_TRUE(certain({}));
  EXPECT_TRUE(certain({{"x-forwarded-for", "192.0.2.7"}}));
  EXPECT_TRUE(certain({{"x-forwarded-for", "garbage, 192.0.2.7"}})) << "beyond the client";
  EXPECT_FALSE(certain({{"x-forwarded-for", "192.0.2.7, unknown"}}));
  EXPECT_FALSE(certain({{"forwarded", "for=_hidden"}}));
}

}  // namespace
}  // namespace offloader::api
