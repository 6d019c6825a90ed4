#pragma once

#include <string>

#include "offloader/credentials/testing/credential_book.h"
#include "offloader/object_store/testing/bucket_contents.h"
#include "offloader/transport/testing/fake_server.h"

namespace offloader::object_store::testing {

// Google's JSON API of buckets: objects.list and objects.get, and downloads (alt=media) with ranges and
// ifGenerationMatch.
class GcsJsonApi {
 public:
  GcsJsonApi(BucketContents& contents, credentials::testing::CredentialBook& book, std::size_t page_size,
             bool anonymous)
      : contents_(contents), book_(book), page_size_(page_size), anonymous_(anonymous) {}

  [[nodiscard]] transport::testing::Answer operator()(const transport::testing::Request& request) const;

 private:
  [[nodiscard]] transport::testing::Answer list(const transport::testing::Request& request,
                                                const std::string& bucket) const;

  BucketContents& contents_;
  credentials::testing::CredentialBook& book_;
  const std::size_t page_size_;
  const bool anonymous_;
};

}  // namespace offloader::object_store::testing
