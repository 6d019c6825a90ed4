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
  bool anonymous = false;  // unsigned requests are answered too
};

// An S3 that holds `contents` and takes what `book` has; it checks every signature. Both outlive it.
class FakeS3 {
 public:
  FakeS3(BucketContents& contents, credentials::testing::CredentialBook& book,
         const FakeS3Options& options = {});

  [[nodiscard]] transport::testing::FakeServer& server() { return server_; }
  [[nodiscard]] std::string endpoint() const { return server_.url(); }
  // OFFLOADER_S3_* for path style with these keys, which must be in the book.
  [[nodiscard]] std::map<std::string, std::string> settings(
      const credentials::testing::IssuedKeys& keys) const;

 private:
  transport::testing::FakeServer server_;
};

}  // namespace offloader::object_store::testing
