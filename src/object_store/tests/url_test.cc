#include "offloader/object_store/url_policy.h"
#include "store_fixture.h"
#include "store_url.h"

namespace offloader::object_store {
namespace {

TEST(StoreUrl, Parse_BucketKey_IsKeptRaw) {
  const auto url = parse_store_url("s3://lake/a?b#c%20d/..e");
  ASSERT_THAT(url, Succeeds());
  EXPECT_EQ(url->scheme, Scheme::s3);
  EXPECT_EQ(url->authority, "lake");
  EXPECT_EQ(url->rest, "a?b#c%20d/..e");
}

TEST(StoreUrl, Parse_GcsScheme_IsReadAsGs) {
  EXPECT_EQ(parse_store_url("gcs://lake/k")->scheme, Scheme::gs);
  EXPECT_EQ(*origin_of("GCS://lake/k"), "gs://lake");
}

TEST(StoreUrl, Parse_HttpUrl_DropsFragmentDefaultPortAndCase) {
  const auto url = parse_store_url("HTTPS://Data.Example.com:443/A%20b?X=1#frag");
  ASSERT_THAT(url, Succeeds());
  EXPECT_EQ(url->authority, "data.example.com");
  EXPECT_EQ(url->rest, "/A%20b?X=1");
  EXPECT_EQ(*origin_of("http://[::1]:8080/x"), "http://[::1]:8080");
}

TEST(StoreUrl, Parse_InvalidUrl_IsInvalidConfig) {
  for (const char* bad :
       {"ftp://host/x", "s3://", "s3:///key", "s3://../key", "s3://bu cket/k", "https://", "https:///x",
        "https://user:secret@host/x", "s3://lake/../other", "s3://lake/a/./b", "gs://lake/a/..",
        "gs://lake/%2e%2E/x", "https://host/a/../b", "https://host/%2E%2e%2fx", "https://host/..%2Fx?y=1",
        "file:///etc/passwd", "https://host/a\nb", ""}) {
    const auto parsed = parse_store_url(bad);
    EXPECT_THAT(parsed, FailsWith(ErrorCode::invalid_config)) << bad;
    if (!parsed) {
      EXPECT_EQ(told(parsed.error()).find("secret"), std::string::npos);
    }
  }
}

TEST(StoreUrl, BaseOfEndpoint_HostOrUrl_ReturnsTheOrigin) {
  EXPECT_EQ(base_of_endpoint("minio:9000", false), "http://minio:9000");
  EXPECT_EQ(base_of_endpoint("minio", true), "https://minio");
  EXPECT_EQ(base_of_endpoint("http://minio:9000/", true), "http://minio:9000");
  EXPECT_EQ(base_of_endpoint("http://minio/path", true), "");
  EXPECT_EQ(base_of_endpoint("s3://minio", true), "");
}

TEST(RedactedUrl, Redact_HttpUrl_DropsUserQueryAndFragment) {
  EXPECT_EQ(redact_url("https://u:secret@host/a?X-Amz-Signature=secret#secret"), "https://host/a?…");
  EXPECT_EQ(redact_url("https://host/a"), "https://host/a");
  EXPECT_EQ(redact_url("https://host?sig=secret"), "https://host?…");
  EXPECT_EQ(redact_url("s3://lake/a?b"), "s3://lake/a?b");
  EXPECT_EQ(redact_url("/data/x.csv"), "/data/x.csv");
}

TEST(UrlPolicy, CheckUrl_OriginNotAllowed_IsRejected) {
  const UrlPolicy policy{{"s3://lake", "gs://lake", "https://data.example.com", "http://open.example.com"},
                         {"https://data.example.com"}};
  EXPECT_THAT(check_url("s3://lake/x", policy), Succeeds());
  EXPECT_THAT(check_url("gcs://lake/x", policy), Succeeds());
  EXPECT_THAT(check_url("https://DATA.example.com:443/x", policy), Succeeds());
  EXPECT_THAT(check_url("s3://other/x", policy), FailsWith(ErrorCode::rejected));
  EXPECT_THAT(check_url("https://data.example.com:8443/x", policy), FailsWith(ErrorCode::rejected));
  EXPECT_THAT(check_url("https://data.example.com.evil.org/x", policy), FailsWith(ErrorCode::rejected));
  EXPECT_THAT(check_url("/etc/passwd", policy), FailsWith(ErrorCode::rejected));
  // Plain http must be in allowed_origins itself; being named by a dataset is not enough.
  EXPECT_THAT(check_url("http://open.example.com/x", policy), FailsWith(ErrorCode::rejected));
}

// The policy check and the request must read every spelling of a URL the same way.
TEST(UrlPolicy, CheckUrl_AmbiguousSpelling_IsRejected) {
  const UrlPolicy policy{{"https://good.example"}, {"https://good.example:8443"}};
  for (const char* url :
       {"https://good.example@evil.example/x", "https://good.example:443@evil.example/x",
        "https://good.example\\@evil.example/x", "https://evil.example\\good.example/x",
        "https://good.example%2f.evil.example/x", "https://good.example%00.evil.example/x",
        "https://good.example#@evil.example/x", "https://good.example:@evil.example/x",
        "https://good.example./x", "https://good.example:00/x", "https://good.example:65979/x",
        "https://good.example,evil.example/x", "https:good.example/x", "https:///good.example/x",
        "https://good.example/..%2f../x", "https://good.example/a/%2E%2e/x", "https://good.example/%",
        "http://good.example/x", "HTTP://good.example:443/x"}) {
    const bool requested_as_allowed = check_url(url, policy).has_value() &&
                                      origin_of(url).value_or("") == "https://good.example" &&
                                      parse_store_url(url)->authority == "good.example";
    if (std::string_view(url) == "https://good.example#@evil.example/x") {
      EXPECT_TRUE(requested_as_allowed) << url;  // only the fragment differs, which is not sent
    } else {
      EXPECT_THAT(check_url(url, policy), FailsWith(ErrorCode::rejected)) << url;
    }
  }
  for (const char* url : {"https://good.example:0443/x", "HTTPS://GOOD.example/x", "https://good.example:443",
                          "https://good.example:08443/?a"}) {
    EXPECT_THAT(check_url(url, policy), Succeeds()) << url;
  }
}

}  // namespace
}  // namespace offloader::object_store
