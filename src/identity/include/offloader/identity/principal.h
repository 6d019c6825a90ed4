#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "offloader/catalog/catalog.h"

namespace offloader::identity {

// Permission to call one endpoint.
struct Grant {
  std::size_t endpoint = 0;               // its index among the catalog's endpoints, sorted by name
  std::optional<catalog::Tenant> tenant;  // set exactly for tenant-scoped endpoints
};

// The caller of a request, however it was identified. Immutable; owned by its Principals. Thread-safe.
struct Principal {
  std::string id;                    // for logs, e.g. the id of the key; empty for the anonymous principal
  std::uint64_t fairness_class = 0;  // of the tenant, or of the principal if it has none
  bool anonymous = false;            // the project says `auth: none`
  std::unordered_map<std::string_view, Grant> grants;  // by endpoint name; Principals owns the names

  // Returns the grant for an endpoint, or null if the principal may not call it or it does not exist. Callers
  // must not tell these two cases apart.
  [[nodiscard]] const Grant* grant_for(std::string_view endpoint) const {
    const auto found = grants.find(endpoint);
    return found == grants.end() ? nullptr : &found->second;
  }
};

}  // namespace offloader::identity
