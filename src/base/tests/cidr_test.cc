#include "offloader/base/cidr.h"

#include <gtest/gtest.h>

#include <string>

namespace offloader {
namespace {

TEST(Cidr, Contains_AddressWithThePrefix_ReturnsTrue) {
  struct Case {
    const char* network;
    const char* address;
    bool inside;
  };
  for (const auto& [network, address, inside] : {
           Case{"10.0.0.0/8", "10.255.255.255", true},
           Case{"10.0.0.0/8", "11.0.0.0", false},
           Case{"10.1.2.3/8", "10.9.9.9", true},
           Case{"192.168.16.0/20", "192.168.31.255", true},
           Case{"192.168.16.0/20", "192.168.32.0", false},
           Case{"1.2.3.4", "1.2.3.4", true},
           Case{"1.2.3.4", "1.2.3.5", false},
           Case{"1.2.3.4/32", "1.2.3.4", true},
           Case{"1.2.3.4/31", "1.2.3.5", true},
           Case{"0.0.0.0/0", "255.255.255.255", true},
           Case{"0.0.0.0/0", "::ffff:1.2.3.4", true},
           // An IPv4 network contains no IPv6 address; the network of all IPv6 contains every IPv4 address.
           Case{"0.0.0.0/0", "::1", false},
           Case{"::/0", "1.2.3.4", true},
           Case{"10.0.0.0/8", "::ffff:10.1.2.3", true},
           Case{"::ffff:10.0.0.0/104", "10.1.2.3", true},
           Case{"::ffff:a00:0/104", "10.1.2.3", true},
           // IPv4-compatible addresses are not IPv4-mapped ones.
           Case{"10.0.0.0/8", "::10.1.2.3", false},
           Case{"fd00::/8", "fdff:1::2", true},
           Case{"fd00::/8", "fe00::", false},
           Case{"2001:db8::/33", "2001:db8:7fff::1", true},
           Case{"2001:db8::/33", "2001:db8:8000::1", false},
           Case{"2001:DB8::1", "2001:db8:0:0:0:0:0:1", true},
           Case{"::/128", "::", true},
           Case{"::/128", "::1", false},
       }) {
    const auto parsed = Cidr::parse(network);
    ASSERT_TRUE(parsed) << network;
    EXPECT_EQ(parsed->contains(address), inside) << network << " " << address;
  }
}

// Parsers disagree on whether these are addresses, so none of them is accepted.
TEST(Cidr, Parse_AmbiguousSpelling_IsRejected) {
  for (const char* text : {"",
                           "/",
                           "/8",
                           "10",
                           "10.1",
                           "10.0.0",
                           "10.0.0.0.0",
                           "10.0.0.256",
                           "010.0.0.1",
                           "10.0.0.00",
                           "0x0a.0.0.1",
                           "167772161",
                           "10.0.0.1 ",
                           " 10.0.0.1",
                           "10.0.0.1\n",
                           "10.0.0.-1",
                           "+10.0.0.1",
                           "10.0.0.1:80",
                           "[::1]",
                           ":::",
                           "1::2::3",
                           "::12345",
                           "::g",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "::1.2.3",
                           "::ffff:1.2.3.256",
                           "fe80::1%lo",
                           "fe80::1%1",
                           "::%",
                           "1.2.3.4%lo",
                           "localhost",
                           "10.0.0.0/",
                           "10.0.0.0/33",
                           "10.0.0.0/-1",
                           "10.0.0.0/+8",
                           "10.0.0.0/ 8",
                           "10.0.0.0/8 ",
                           "10.0.0.0/8/8",
                           "10.0.0.0/0x8",
                           "10.0.0.0/8.0",
                           "10.0.0.0/255.0.0.0",
                           "10.0.0.0/4294967304",
                           "10.0.0.0/18446744073709551624",
                           "::/129",
                           "::/4294967296",
                           "::ffff:1.2.3.4/129"}) {
    EXPECT_FALSE(Cidr::parse(text)) << text;
    EXPECT_FALSE(Cidr::parse("::/0")->contains(text)) << text;
  }
  EXPECT_FALSE(Cidr::parse(std::string("10.0.0.1\0", 9)));
  EXPECT_FALSE(Cidr::parse(std::string("10.0.0.1\0.5/8", 13)));
  EXPECT_FALSE(Cidr::parse("::/0")->contains(std::string("::1\0x", 5)));
  EXPECT_FALSE(Cidr::parse(std::string(100'000, '1')));
  EXPECT_FALSE(Cidr::parse("::/0")->contains(std::string(100'000, ':')));
}

TEST(ClientNetwork, Ipv4_IsTheAddress_Ipv6_ItsFirst64Bits) {
  EXPECT_EQ(client_network("192.0.2.1"), std::string("\xc0\x00\x02\x01", 4));
  EXPECT_EQ(client_network("::ffff:192.0.2.1"), client_network("192.0.2.1"));
  EXPECT_NE(client_network("192.0.2.1"), client_network("192.0.2.2"));
  EXPECT_EQ(client_network("2001:db8:1:2::1"), client_network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_NE(client_network("2001:db8:1:2::1"), client_network("2001:db8:1:3::1"));
  EXPECT_EQ(client_network("2001:db8:1:2::1").size(), 8U);
  EXPECT_EQ(client_network("no address"), "no address");
  EXPECT_EQ(client_network(""), "");
}

}  // namespace
}  // namespace offloader
