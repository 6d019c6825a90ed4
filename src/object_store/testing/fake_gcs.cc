#include "offloader/object_store/testing/fake_gcs.h"

#include "gcs_json_api.h"
#include "s3_xml_api.h"

namespace offloader::object_store::testing {

FakeGcs::FakeGcs(BucketContents& contents, credentials::testing::CredentialBook& book,
                 const FakeGcsOptions& options)
    : server_([json = GcsJsonApi(contents, book, options.page_size, options.anonymous),
               xml = S3XmlApi(contents, book, {"auto", options.page_size, true, options.anonymous})](
                  const transport::testing::Request& request) {
        return request.path.starts_with("/storage/v1/") ? json(request) : xml(request);
      }) {}

}  // namespace offloader::object_store::testing
