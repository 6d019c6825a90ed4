#pragma once

#include <memory>
#include <string>
#include <vector>

#include "offloader/credentials/credentials.h"

// The sources of Google's bearer tokens, one class and file each (object-stores.md: OFFLOADER_GCS_AUTH). See
// CredentialsProvider for threads and errors.
namespace offloader::credentials {

// The whole chain, in order: `token`, application-default credentials, the metadata server, the gcloud
// command.
[[nodiscard]] std::vector<std::unique_ptr<BearerProvider>> gcs_providers(const ProviderContext& context,
                                                                         std::string token,
                                                                         std::string gcloud_command);

// GOOGLE_APPLICATION_CREDENTIALS, or application_default_credentials.json in CLOUDSDK_CONFIG (by default
// ~/.config/gcloud): a service account or an authorized user. The file is read again on each load.
[[nodiscard]] std::unique_ptr<BearerProvider> application_default_token(ProviderContext context);
// The server of GCE_METADATA_HOST, by default metadata.google.internal.
[[nodiscard]] std::unique_ptr<BearerProvider> metadata_token(ProviderContext context);
// `gcloud config config-helper --format=json`. Not set up if the command is not in PATH; an empty `command`
// disables it.
[[nodiscard]] std::unique_ptr<BearerProvider> gcloud_token(ProviderContext context, std::string command);

}  // namespace offloader::credentials
