#pragma once

#include <string>

#include "offloader/credentials/testing/credential_book.h"
#include "offloader/object_store/testing/bucket_contents.h"
#include "offloader/transport/testing/fake_server.h"

namespace offloader::object_store::testing {

struct FakeGcsOptions {
  std::size_t page_size = 1000;
  bool anonymous = false;  // also accept requests without credentials
};

// A fake Google Cloud Storage that serves `contents`: its JSON API with bearer tokens, and its XML API with
// HMAC keys (region `auto`). It accepts the credentials in `book`. Both must outlive it. Set
// OFFLOADER_GCS_ENDPOINT to its endpoint().
class FakeGcs {
 public:
  FakeGcs(BucketContents& contents, credentials::testing::CredentialBook& book,
          const FakeGcsOptions& options = {});

  [[nodiscard]] transport::testing::FakeServer& server() { return server_; }
  [[nodiscard]] std::string endpoint() const { return server_.url(); }

 private:
  transport::testing::FakeServer server_;
};

}  // namespace offloader::object_store::testing
