#pragma once

#include <memory>
#include <string>
#include <vector>

#include "offloader/credentials/credentials.h"

// The sources of S3 keys, one class and file each (object-stores.md: the chain). See CredentialsProvider for
// threads and errors.
namespace offloader::credentials {

// The keys of the settings; not set up if the key id is empty.
[[nodiscard]] std::unique_ptr<AwsProvider> explicit_keys(AwsKeys keys);
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
[[nodiscard]] std::unique_ptr<AwsProvider> environment_keys(ProviderContext context);
// AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE (by default in ~/.aws), and AWS_PROFILE. The files are read
// again on each load.
[[nodiscard]] std::unique_ptr<AwsProvider> profile_keys(ProviderContext context);
// STS AssumeRoleWithWebIdentity: AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN.
[[nodiscard]] std::unique_ptr<AwsProvider> web_identity_keys(ProviderContext context, std::string region);
// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI.
[[nodiscard]] std::unique_ptr<AwsProvider> container_keys(ProviderContext context);
// EC2 IMDSv2.
[[nodiscard]] std::unique_ptr<AwsProvider> instance_keys(ProviderContext context);

}  // namespace offloader::credentials
