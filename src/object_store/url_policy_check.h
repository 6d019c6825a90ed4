#pragma once

#include <string>

#include "offloader/object_store/url_policy.h"

namespace offloader::object_store {

// Whether the policy's own list names the URL's origin, which lifts the check of addresses.
[[nodiscard]] bool lists_origin(const UrlPolicy& policy, const std::string& url);

}  // namespace offloader::object_store
