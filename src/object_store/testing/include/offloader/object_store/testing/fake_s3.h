#pragma once

#include <map>
#include <string>

#include "offloader/credentials/testing/credential_book.h"
#include "offloader/object_store/testing/bucket_contents.h"
#include "offloader/transport/testing/fake_server.h"

namespace offloader::object_store::testing {

struct FakeS3Options {
  std::string region = "us-east-1";
  std::size_t page_size = 1000;
  bool anonymous = false;  // also accept unsigned requests
};

// A fake S3 that serves `contents`, checks every signature and accepts the keys in `book`. Both must outlive
// it.
class FakeS3 {
 public:
  FakeS3(BucketContents& contents, credentials::testing::CredentialBook& book,
         const FakeS3Options& options = {});

  [[nodiscard]] transport::testing::FakeServer& server() { return server_; }
  [[nodiscard]] std::string endpoint() const { return server_.url(); }
  // Returns OFFLOADER_S3_* settings for these keys and path style. Requires: the keys are in the book.
  [[nodiscard]] std::map<std::string, std::string> settings(
      const credentials::testing::IssuedKeys& keys) const;

 private:
  transport::testing::FakeServer server_;
};

}  // namespace offloader::object_store::testing
