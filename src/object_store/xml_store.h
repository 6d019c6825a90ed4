#pragma once

#include <memory>
#include <string>

#include "offloader/credentials/credentials_cache.h"
#include "offloader/credentials/sigv4.h"
#include "offloader/object_store/object_store.h"
#include "offloader/transport/retry.h"

namespace offloader::object_store {

// S3 and what speaks like it, Google's XML API with HMAC keys among them.
struct XmlStoreSettings {
  std::string scheme = "s3";  // of the URLs that it names
  std::string base;           // scheme://host[:port]
  bool path_style = false;
  std::string region;
  credentials::SigningDialect dialect;
  // Google's objects are told apart by generation, others by ETag.
  bool by_generation = false;
};

[[nodiscard]] std::unique_ptr<ObjectStore> make_xml_store(
    XmlStoreSettings settings, std::shared_ptr<transport::Retrier> retrier,
    std::shared_ptr<transport::RequestObserver> traffic,
    std::shared_ptr<credentials::CredentialsCache<credentials::AwsKeys>> credentials, const Clock& clock);

}  // namespace offloader::object_store
