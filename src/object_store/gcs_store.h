#pragma once

#include <memory>
#include <string>

#include "offloader/credentials/credentials_cache.h"
#include "offloader/object_store/object_store.h"
#include "offloader/transport/retry.h"

namespace offloader::object_store {

// Makes a store for Google Cloud Storage over its JSON API, with bearer tokens or anonymously. The tag is the
// generation.
[[nodiscard]] std::unique_ptr<ObjectStore> make_gcs_store(
    std::string base, std::shared_ptr<transport::Retrier> retrier,
    std::shared_ptr<transport::RequestObserver> traffic,
    std::shared_ptr<credentials::CredentialsCache<credentials::BearerToken>> credentials);

}  // namespace offloader::object_store
