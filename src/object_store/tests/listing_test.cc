#include <gtest/gtest.h>

#include "s3_listing.h"
#include "store_fixture.h"

namespace offloader::object_store {
namespace {

std::string listing(const std::string& inside) {
  return "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
         inside + "</ListBucketResult>";
}

TEST(S3Listing, Parse_EncodedPage_ReturnsObjectsAndContinuation) {
  const auto page = parse_s3_listing(
      listing("<IsTruncated>true</IsTruncated><NextContinuationToken>a/b+c==</"
              "NextContinuationToken><EncodingType>url</EncodingType>"
              "<Contents><Key>a%20b%2B%25%C3%BC+c</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified>"
              "<ETag>&quot;abc-2&quot;</ETag><Size>12</Size></Contents>"));
  ASSERT_THAT(page, Succeeds());
  ASSERT_EQ(page->objects.size(), 1U);
  EXPECT_EQ(page->objects[0].key, "a b+%ü c");
  EXPECT_EQ(page->objects[0].size, 12U);
  EXPECT_EQ(page->objects[0].etag, "abc-2");
  EXPECT_EQ(page->next, "a/b+c==");
}

TEST(S3Listing, Parse_PlainTextKey_IsKeptUnchanged) {
  const auto page = parse_s3_listing(listing(
      "<IsTruncated>false</IsTruncated><Contents><Key>a%20b+c&amp;&lt;</Key><Size>0</Size></Contents>"));
  ASSERT_THAT(page, Succeeds());
  EXPECT_EQ(page->objects[0].key, "a%20b+c&<");
  EXPECT_TRUE(page->next.empty());
  const auto space = parse_s3_listing(listing("<Contents><Key> </Key><Size>0</Size></Contents>"));
  ASSERT_THAT(space, Succeeds());
  EXPECT_EQ(space->objects[0].key, " ");
}

TEST(S3Listing, Parse_InvalidListing_IsUnavailable) {
  for (const std::string& bad :
       {std::string(), std::string("<html>"), std::string("<Error><Code>SlowDown</Code></Error>"),
        std::string("{\"items\":[]}"), listing("<Contents><Size>1</Size></Contents>"),
        listing("<Contents><Key>a</Key></Contents>"),
        listing("<Contents><Key>a</Key><Size>-1</Size></Contents>"),
        listing("<Contents><Key>a</Key><Size>99999999999999999999999</Size></Contents>"),
        listing("<EncodingType>url</EncodingType><Contents><Key>a%</Key><Size>1</Size></Contents>"),
        listing("<IsTruncated>true</IsTruncated>")}) {
    EXPECT_THAT(parse_s3_listing(bad), FailsWith(ErrorCode::unavailable)) << bad;
  }
}

TEST(S3Listing, Parse_ExternalEntity_IsNotExpanded) {
  const auto page = parse_s3_listing("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>" +
                                     listing("<Contents><Key>&e;</Key><Size>1</Size></Contents>"));
  if (page) {
    EXPECT_EQ(page->objects[0].key, "&e;");
  }
}

}  // namespace
}  // namespace offloader::object_store
