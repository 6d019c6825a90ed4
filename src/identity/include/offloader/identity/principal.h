#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/catalog/catalog.h"
#include "offloader/identity/endpoint_table.h"

namespace offloader::identity {

using EndpointIndices = std::vector<std::uint32_t>;  // in an EndpointTable, sorted

// Permission to call one endpoint.
struct Grant {
  std::size_t endpoint = 0;  // its index in the EndpointTable
  // Set exactly for tenant-scoped endpoints. Owned by the principal; never null.
  const std::optional<catalog::Tenant>* tenant = nullptr;
};

// The caller of a request, however it was identified. Immutable; must not outlive its Principals.
// Thread-safe.
struct Principal {
  std::string id;  // for logs and metrics: the id of the key or of the issuer; empty for the anonymous one
  std::string subject;  // `sub` of a JWT, for the usage ledger and the audit log alone; empty for a key
  std::uint64_t fairness_class = 0;  // of the tenant, or of the principal if it has none
  bool anonymous = false;            // the project says `auth: none`
  const EndpointTable* table = nullptr;
  std::shared_ptr<const EndpointIndices> endpoints{};  // null: all of them
  std::optional<catalog::Tenant> text_tenant{};        // for VARCHAR columns
  std::optional<catalog::Tenant> uuid_tenant{};
  std::optional<catalog::Tenant> bigint_tenant{};
  std::optional<catalog::Tenant> integer_tenant{};
  catalog::SharedLimits limits{};

  // Returns what limits and usage count by: the id, and the subject if there is one. `buffer` may hold it.
  [[nodiscard]] std::string_view counted_as(std::string& buffer) const;
  // Returns the tenant as text, for the usage ledger; empty without one. `buffer` may hold it.
  [[nodiscard]] std::string_view tenant_name(std::string& buffer) const;

  // Returns the grant for an endpoint, or nullopt if the principal may not call it or it does not exist.
  // Callers must not tell these two cases apart.
  [[nodiscard]] std::optional<Grant> grant_for(std::string_view endpoint) const;
  // Returns the grants for all endpoints that it may call, sorted by name.
  [[nodiscard]] std::vector<Grant> grants() const;

  // Returns the tenant in the type of a tenant column. It is nullopt if there is none that fits.
  [[nodiscard]] const std::optional<catalog::Tenant>& tenant_in(catalog::ColumnType column) const;
  // Sets the tenants that a text stands for: itself, a UUID and an integer, where it is one in canonical
  // form.
  void set_tenant(const std::string& text);

  [[nodiscard]] std::size_t bytes() const;  // of memory, about

 private:
  [[nodiscard]] std::optional<Grant> grant_at(std::size_t endpoint) const;
};

}  // namespace offloader::identity
