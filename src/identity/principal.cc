#include "offloader/identity/principal.h"

#include <algorithm>

#include "offloader/catalog/tenant_text.h"

namespace offloader::identity {
namespace {

const std::optional<catalog::Tenant> kNone;

}  // namespace

std::string_view Principal::counted_as(std::string& buffer) const {
  if (subject.empty()) return id;
  return buffer.assign(id).append("/").append(subject);
}

std::string_view Principal::tenant_name(std::string& buffer) const {
  if (text_tenant) return std::get<std::string>(*text_tenant);
  if (bigint_tenant) return buffer = std::to_string(std::get<std::int64_t>(*bigint_tenant));
  return {};
}

std::optional<Grant> Principal::grant_for(std::string_view endpoint) const {
  const auto index = table->find(endpoint);
  return index ? grant_at(*index) : std::nullopt;
}

std::vector<Grant> Principal::grants() const {
  std::vector<Grant> out;
  for (std::size_t i = 0; i < table->entries().size(); ++i) {
    if (const auto grant = grant_at(i)) out.push_back(*grant);
  }
  return out;
}

std::optional<Grant> Principal::grant_at(std::size_t endpoint) const {
  if (endpoints && !std::binary_search(endpoints->begin(), endpoints->end(), endpoint)) return std::nullopt;
  const EndpointTable::Entry& entry = table->entries()[endpoint];
  if (!entry.tenant_scoped) return Grant{endpoint, &kNone};
  const auto& tenant = entry.tenant_type ? tenant_in(*entry.tenant_type) : kNone;
  return tenant ? std::optional(Grant{endpoint, &tenant}) : std::nullopt;
}

const std::optional<catalog::Tenant>& Principal::tenant_in(catalog::ColumnType column) const {
  switch (column) {
    case catalog::ColumnType::varchar:
      return text_tenant;
    case catalog::ColumnType::uuid:
      return uuid_tenant;
    case catalog::ColumnType::bigint:
      return bigint_tenant;
    case catalog::ColumnType::integer:
      return integer_tenant;
    default:
      return kNone;  // no column of another type can be a tenant column
  }
}

void Principal::set_tenant(const std::string& text) {
  text_tenant = text;
  if (catalog::is_tenant_uuid(text)) uuid_tenant = text;
  if (const auto number = catalog::parse_tenant_integer(text, catalog::ColumnType::bigint)) {
    bigint_tenant = *number;
    if (catalog::parse_tenant_integer(text, catalog::ColumnType::integer)) integer_tenant = *number;
  }
}

std::size_t Principal::bytes() const {
  std::size_t bytes = sizeof(Principal) + id.capacity() + subject.capacity();
  if (endpoints) bytes += endpoints->capacity() * sizeof(std::uint32_t);
  for (const auto* tenant : {&text_tenant, &uuid_tenant}) {
    if (*tenant) bytes += std::get<std::string>(**tenant).capacity();
  }
  return bytes;
}

}  // namespace offloader::identity
