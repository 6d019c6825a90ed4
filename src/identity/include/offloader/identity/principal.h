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
  std::size_t endpoint = 0;               // its place among the catalog's endpoints, in order of names
  std::optional<catalog::Tenant> tenant;  // set exactly for tenant-scoped endpoints
};

// Who a request comes from, however that was shown. Immutable; owned by its Principals.
struct Principal {
  std::string id;                    // for logs, e.g. the key's; empty for the anonymous one
  std::uint64_t fairness_class = 0;  // of the tenant, or of the principal where it has none
  bool anonymous = false;            // anybody: the project says `auth: none`
  std::unordered_map<std::string_view, Grant> grants;  // by endpoint; the names are the Principals'

  // The grant for an endpoint, or null: to this principal the endpoint does not exist.
  [[nodiscard]] const Grant* grant_for(std::string_view endpoint) const {
    const auto found = grants.find(endpoint);
    return found == grants.end() ? nullptr : &found->second;
  }
};

}  // namespace offloader::identity
