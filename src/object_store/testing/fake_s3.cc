#include "offloader/object_store/testing/fake_s3.h"

#include "s3_xml_api.h"

namespace offloader::object_store::testing {

FakeS3::FakeS3(BucketContents& contents, credentials::testing::CredentialBook& book,
               const FakeS3Options& options)
    : server_(S3XmlApi(contents, book, {options.region, options.page_size, false, options.anonymous})) {}

std::map<std::string, std::string> FakeS3::settings(const credentials::testing::IssuedKeys& keys) const {
  std::map<std::string, std::string> out{{"OFFLOADER_S3_TYPE", "s3"},
                                         {"OFFLOADER_S3_ENDPOINT", endpoint()},
                                         {"OFFLOADER_S3_KEY_ID", keys.key_id},
                                         {"OFFLOADER_S3_SECRET", keys.secret}};
  if (!keys.session_token.empty()) out["OFFLOADER_S3_SESSION_TOKEN"] = keys.session_token;
  return out;
}

}  // namespace offloader::object_store::testing
