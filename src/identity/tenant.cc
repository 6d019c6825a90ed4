#include "tenant.h"

#include "offloader/catalog/tenant_text.h"

namespace offloader::identity {

std::optional<catalog::Tenant> tenant_of(const catalog::Key& key, const catalog::Dataset& dataset) {
  if (!key.tenant || !dataset.tenant_column) return std::nullopt;
  const catalog::ColumnType type = dataset.schema[*dataset.tenant_column].type;
  if (type == catalog::ColumnType::varchar) return catalog::Tenant(*key.tenant);
  if (type == catalog::ColumnType::uuid && catalog::is_tenant_uuid(*key.tenant))
    return catalog::Tenant(*key.tenant);
  if (auto number = catalog::parse_tenant_integer(*key.tenant, type)) return catalog::Tenant(*number);
  return std::nullopt;
}

}  // namespace offloader::identity
