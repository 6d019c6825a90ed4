#include "offloader/base/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace offloader {
namespace {

TEST(Url, Parse_WebUrl_ReturnsItsParts) {
  const auto url = parse_url("HTTPS://Data.Example.com:8443/A%20b/c?X=1&y=%2f#frag");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, Url::Scheme::https);
  EXPECT_EQ(url->host, "data.example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/A%20b/c");
  EXPECT_EQ(url->query, "?X=1&y=%2f");
  EXPECT_EQ(url->origin(), "https://data.example.com:8443");
  EXPECT_EQ(url->text(), "https://data.example.com:8443/A%20b/c?X=1&y=%2f");
}

TEST(Url, Parse_BucketUrl_KeepsTheRawKey) {
  const auto url = parse_url("GCS://Lake_1/a?b#c%2 \u00fc/..e");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, Url::Scheme::gs);
  EXPECT_EQ(url->host, "Lake_1");
  EXPECT_EQ(url->key(), "a?b#c%2 \u00fc/..e");
  EXPECT_EQ(url->text(), "gs://Lake_1/a?b#c%2 \u00fc/..e");
  EXPECT_EQ(parse_url("s3://lake")->key(), "");
}

TEST(Url, Origin_AnySpelling_IsTheSameText) {
  struct Case {
    const char* text;
    const char* origin;
  };
  for (const auto& [text, origin] : {
           Case{"http://Host:080", "http://host"},
           Case{"http://host:80/x", "http://host"},
           Case{"https://host:0443/x", "https://host"},
           Case{"http://host:443", "http://host:443"},
           Case{"https://host:08443", "https://host:8443"},
           Case{"https://[0:0:0:0:0:0:0:1]:8443/", "https://[::1]:8443"},
           Case{"https://[::FFFF:A00:1]", "https://[::ffff:10.0.0.1]"},
           Case{"https://10.0.0.1", "https://10.0.0.1"},
           Case{"https://a_b.c-d.", "https://a_b.c-d."},
           Case{"gcs://b/k", "gs://b"},
           Case{"S3://Bucket", "s3://Bucket"},
       }) {
    const auto url = parse_url(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(url->origin(), origin);
    EXPECT_EQ(parse_url(url->text())->text(), url->text()) << text;
  }
}

// If two parsers read such a text differently, one host could be checked and another requested.
TEST(Url, Parse_AmbiguousSpelling_IsRejected) {
  for (const char* text :
       {"", "host", "//host/x", "https:/host", "https:host", "https:///x", "https://", "https://?x",
        "https://#x", "ftp://host/x", "file:///etc/passwd", "javascript://host/%0aalert(1)", " https://host",
        "ht tps://host",
        // Users, passwords and look-alike hosts.
        "https://user@host/x", "https://user:secret@host/x", "https://@host/x",
        "https://good.example@evil.example/", "https://good.example%40evil.example/",
        "https://good.example\\@evil.example/", "https://evil.example\\.good.example/",
        "https://good.example%2f@evil.example", "https://good.example%00/", "https://h\u00f6st/",
        "https://host\u3002evil/", "https://ho st/", "https://host\t/", "https://ho\nst/",
        "https://host,evil/", "https://host;evil/", "https://*.example/", "https://-host/", "https://.host/",
        // Addresses that only some resolvers recognize.
        "http://2130706433/", "http://127.1/", "http://0x7f.0.0.1/", "http://0177.0.0.1/",
        "http://127.0.0.0x1/", "http://127.0.0.1./", "http://256.0.0.1/", "http://1.2.3.4.5/",
        "http://0x7f000001/", "http://host.0x/",
        // Brackets.
        "http://[::1/", "http://::1/", "http://[::1]x/", "http://[]/", "http://[v1.a]/", "http://[::1%25lo]/",
        "http://[127.0.0.1]/", "http://[[::1]]/",
        // Ports.
        "http://host:/", "http://host:0/", "http://host:65536/", "http://host:65979/", "http://host:65616/",
        "http://host:99999/", "http://host:99999999999/", "http://host:8o/", "http://host:-1/",
        "http://host:+80/", "http://host:80:80/", "http://host: 80/",
        // Escapes and characters of the path.
        "http://host/%", "http://host/%2", "http://host/%zz", "http://host/a b", "http://host/a\nb",
        "http://host/?%", "http://host/\x7f",
        // Buckets.
        "s3://", "s3:///k", "s3://../k", "s3://./k", "s3://-b/k", "s3://bu cket/k", "s3://b:80/k",
        "s3://u@b/k", "s3://b?x", "s3://b#x", "s3://b%2fc/k", "s3://b\u00fc/k", "gs://.b"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, ErrorCode::invalid_config) << text;
    EXPECT_EQ((url.error().message + url.error().detail).find("secret"), std::string::npos);
  }
  EXPECT_FALSE(parse_url("https://" + std::string(254, 'a')));
  EXPECT_TRUE(parse_url("https://" + std::string(253, 'a')));
  EXPECT_FALSE(parse_url(std::string_view("https://ho\0st/", 14)));
  EXPECT_FALSE(parse_url(std::string_view("https://host/\0", 14)));
}

TEST(Url, Parse_ForbiddenCharacters_ArePercentEncoded) {
  EXPECT_EQ(parse_url("https://h/\u00fc[1]{a}|\"<>\\^`")->path, "/%C3%BC%5B1%5D%7Ba%7D%7C%22%3C%3E%5C%5E%60");
  EXPECT_EQ(parse_url("https://h/a?b[]=\u00fc|&c=/?:@!$'()*+,;=~")->query,
            "?b%5B%5D=%C3%BC%7C&c=/?:@!$'()*+,;=~");
  EXPECT_EQ(parse_url("https://h/%c3%bc%2F//./x")->text(), "https://h/%c3%bc%2F//./x");
  EXPECT_EQ(parse_url("https://h?x")->target(), "/?x");
  EXPECT_EQ(parse_url("https://h?")->target(), "/?");
  EXPECT_EQ(parse_url("https://h")->path, "");
}

TEST(Url, Comparable_SpellingsOfOneObject_AreEqual) {
  const auto comparable = [](const char* text) { return parse_url(text)->comparable(); };
  EXPECT_EQ(comparable("https://HOST:443/%61%2fb%c3?%7e=%2B"), comparable("https://host/a%2Fb%C3?~=%2b"));
  EXPECT_NE(comparable("https://host/a%2Fb"), comparable("https://host/a/b"));
  EXPECT_NE(comparable("https://host/a?b"), comparable("https://host/a%3Fb"));
  EXPECT_NE(comparable("https://host/A"), comparable("https://host/a"));
  EXPECT_NE(comparable("s3://b/%61"), comparable("s3://b/a"));
}

TEST(Url, IsWebUrl_SchemeInAnyCase_ReturnsTrue) {
  for (const char* web : {"http://h", "https://h/a?b", "HTTPS://h/a", "Http://h:8080"}) {
    EXPECT_TRUE(is_web_url(web)) << web;
  }
  for (const char* other : {"", "http", "https:/h", "httpd://h", "s3://https/a", "gs://b/a", "/http://h"}) {
    EXPECT_FALSE(is_web_url(other)) << other;
  }
}

TEST(Url, Parse_LongUrl_TakesLinearTime) {
  const std::string key(1 << 20, '%');
  EXPECT_EQ(parse_url("s3://b/" + key)->key(), key);
  EXPECT_FALSE(parse_url("https://h/" + key));
  std::string escapes;
  for (int i = 0; i < 100'000; ++i) escapes += "%7e/";
  EXPECT_EQ(parse_url("https://h/" + escapes)->path, "/" + escapes);
}

}  // namespace
}  // namespace offloader
