#pragma once

#include <memory>
#include <string>

#include "offloader/credentials/credentials_cache.h"
#include "offloader/credentials/sigv4.h"
#include "offloader/object_store/object_store.h"
#include "offloader/transport/retry.h"

namespace offloader::object_store {

// The settings of a store with S3's XML API, including Google's XML API with HMAC keys.
struct XmlStoreSettings {
  std::string scheme = "s3";  // of the URLs it returns
  std::string base;           // scheme://host[:port]
  bool path_style = false;
  std::string region;
  credentials::SigningDialect dialect;
  // Use the generation as the tag (Google) instead of the ETag.
  bool by_generation = false;
};

// Makes the store. `clock` must outlive it.
[[nodiscard]] std::unique_ptr<ObjectStore> make_xml_store(
    XmlStoreSettings settings, std::shared_ptr<transport::Retrier> retrier,
    std::shared_ptr<transport::RequestObserver> traffic,
    std::shared_ptr<credentials::CredentialsCache<credentials::AwsKeys>> credentials, const Clock& clock);

}  // namespace offloader::object_store
