#include "offloader/base/url_text.h"

#include <gtest/gtest.h>

namespace offloader {
namespace {

TEST(UrlText, WithoutUrlQueries_UrlsInText_LoseTheirQueries) {
  EXPECT_EQ(without_url_queries("https://b.example/a.csv?X-Amz-Signature=5e&x=1"),
            "https://b.example/a.csv?…");
  EXPECT_EQ(without_url_queries("cannot read \"HTTPS://b.example/a?sig=5e\": 403. See http://c.example?t=1."),
            "cannot read \"HTTPS://b.example/a?…\": 403. See http://c.example?….");
  EXPECT_EQ(without_url_queries("(https://b/a?hmac=5e), https://b/c and https://b/d?e"),
            "(https://b/a?…), https://b/c and https://b/d?…");
}

TEST(UrlText, WithoutUrlQueries_NoWebUrl_IsUnchanged) {
  for (const char* text :
       {"", "?", "part?1.csv", "s3://bucket/key?with=mark", "why? because", "://?", "xhttp//a?b"})
    EXPECT_EQ(without_url_queries(text), text);
}

TEST(UrlText, WithoutQuery_SignedLocation_LosesItsQuery) {
  EXPECT_EQ(without_query("https://b.example/a.csv?sig=5e"), "https://b.example/a.csv");
  EXPECT_EQ(without_query("data/part?1.csv"), "data/part?1.csv");
  EXPECT_EQ(without_query("gs://bucket/part?1.csv"), "gs://bucket/part?1.csv");
  EXPECT_EQ(without_query("s3://bucket/a.csv?X-Amz-Signature=5e"), "s3://bucket/a.csv");
}

}  // namespace
}  // namespace offloader
