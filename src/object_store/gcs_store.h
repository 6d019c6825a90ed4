#pragma once

#include <memory>
#include <string>

#include "credentials_cache.h"
#include "offloader/object_store/object_store.h"
#include "offloader/object_store/retry.h"

namespace offloader::object_store {

// Google Cloud Storage by its JSON API, with bearer tokens or anonymously. The tag is the generation.
[[nodiscard]] std::unique_ptr<ObjectStore> make_gcs_store(
    std::string base, std::shared_ptr<Retrier> retrier, std::shared_ptr<RequestObserver> traffic,
    std::shared_ptr<CredentialsCache<BearerToken>> credentials);

}  // namespace offloader::object_store
