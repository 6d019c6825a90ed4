#pragma once

#include <memory>
#include <string>
#include <vector>

#include "offloader/credentials/credentials.h"

// Where Google's bearer tokens come from, one class in one file each (object-stores.md: OFFLOADER_GCS_AUTH).
namespace offloader::credentials {

// `token`, else application-default credentials, else the metadata server, else the gcloud
// command.
[[nodiscard]] std::vector<std::unique_ptr<BearerProvider>> gcs_providers(const ProviderContext& context,
                                                                         std::string token,
                                                                         std::string gcloud_command);

// GOOGLE_APPLICATION_CREDENTIALS, or application_default_credentials.json in CLOUDSDK_CONFIG (by default
// ~/.config/gcloud): a service account or an authorized user. Read again on each load.
[[nodiscard]] std::unique_ptr<BearerProvider> application_default_token(ProviderContext context);
// GCE_METADATA_HOST, by default metadata.google.internal.
[[nodiscard]] std::unique_ptr<BearerProvider> metadata_token(ProviderContext context);
// `gcloud config config-helper --format=json`; nothing when the command is not in PATH. Empty: never run.
[[nodiscard]] std::unique_ptr<BearerProvider> gcloud_token(ProviderContext context, std::string command);

}  // namespace offloader::credentials
