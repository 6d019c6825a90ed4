#pragma once

#include <string>

#include "offloader/credentials/testing/credential_book.h"
#include "offloader/object_store/testing/bucket_contents.h"
#include "offloader/transport/testing/fake_server.h"

namespace offloader::object_store::testing {

struct XmlApiOptions {
  std::string region = "us-east-1";
  std::size_t page_size = 1000;
  bool google = false;     // Google's XML API: GOOG4 signatures, generations
  bool anonymous = false;  // unsigned requests are accepted
};

// S3's API: GET and HEAD of objects with ranges and If-Match, and ListObjectsV2. The bucket is in the path or
// in the host ({bucket}.localhost).
class S3XmlApi {
 public:
  S3XmlApi(BucketContents& contents, credentials::testing::CredentialBook& book, XmlApiOptions options)
      : contents_(contents), book_(book), options_(std::move(options)) {}

  [[nodiscard]] transport::testing::Answer operator()(const transport::testing::Request& request) const;

 private:
  [[nodiscard]] transport::testing::Answer list(const transport::testing::Request& request,
                                                const std::string& bucket) const;
  [[nodiscard]] transport::testing::Answer object(const transport::testing::Request& request,
                                                  const StoredObject& found) const;

  BucketContents& contents_;
  credentials::testing::CredentialBook& book_;
  const XmlApiOptions options_;
};

}  // namespace offloader::object_store::testing
