#include "offloader/transport/address_policy.h"

#include <gtest/gtest.h>

#include "proxy_bypass.h"

namespace offloader::transport {
namespace {

TEST(AddressPolicy, IsPublicAddress_AnyAddress_AcceptsOnlyGlobalOnes) {
  for (const char* inside : {"127.0.0.1",
                             "127.8.8.8",
                             "10.1.2.3",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.168.1.1",
                             "169.254.169.254",
                             "100.64.0.1",
                             "0.0.0.0",
                             "224.0.0.1",
                             "255.255.255.255",
                             "168.63.129.16",
                             "::1",
                             "::",
                             "fe80::1",
                             "fc00::1",
                             "fd00:ec2::254",
                             "::ffff:127.0.0.1",
                             "::ffff:10.0.0.1",
                             "64:ff9b::7f00:1",
                             "2002:7f00:1::",
                             "2001::1",
                             "ff02::1",
                             "host",
                             ""}) {
    EXPECT_FALSE(is_public_address(std::string(inside))) << inside;
  }
  for (const char* outside : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"}) {
    EXPECT_TRUE(is_public_address(std::string(outside))) << outside;
  }
}

TEST(NoProxy, BypassesProxy_EachKindOfEntry_MatchesTheHost) {
  EXPECT_TRUE(bypasses_proxy("localhost,.example.com", "data.example.com"));
  EXPECT_TRUE(bypasses_proxy("example.com:443", "EXAMPLE.com"));
  EXPECT_TRUE(bypasses_proxy("*", "anything"));
  EXPECT_TRUE(bypasses_proxy("a, 127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(bypasses_proxy("example.com", "notexample.com"));
  EXPECT_FALSE(bypasses_proxy("", "example.com"));
}

}  // namespace
}  // namespace offloader::transport
