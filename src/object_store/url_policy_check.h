#pragma once

#include <string>

#include "offloader/object_store/url_policy.h"

namespace offloader::object_store {

// Returns whether the policy's own list contains the URL's origin, which permits private addresses.
[[nodiscard]] bool lists_origin(const UrlPolicy& policy, const std::string& url);

}  // namespace offloader::object_store
