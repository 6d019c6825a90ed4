#include "offloader/transport/url_encoding.h"

#include <gtest/gtest.h>

namespace offloader::transport {
namespace {

TEST(UrlEncoding, Encode_ReservedBytes_EscapesAllButTheSlashOfPaths) {
  EXPECT_EQ(encode_path("a/b c+d%e~f_g-h.i*j'ü"), "a/b%20c%2Bd%25e~f_g-h.i%2Aj%27%C3%BC");
  EXPECT_EQ(encode_component("a/b"), "a%2Fb");
  EXPECT_EQ(encode_query({{"prefix", "a b/"}, {"lifecycle", ""}, {"list-type", "2"}}),
            "lifecycle=&list-type=2&prefix=a%20b%2F");
}

TEST(UrlEncoding, Decode_BrokenEscapes_ReturnsNullopt) {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  EXPECT_EQ(decode(encode_component(all), false), all);
  EXPECT_EQ(decode(encode_path(all), false), all);
  EXPECT_EQ(decode("a+b%2B", true), "a b+");
  EXPECT_EQ(decode("a+b", false), "a+b");
  for (const char* broken : {"%", "%2", "a%zz", "%g0"})
    EXPECT_EQ(decode(broken, false), std::nullopt) << broken;
}

}  // namespace
}  // namespace offloader::transport
