#include "token_grants.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "nfc.h"

namespace offloader::identity {

TokenGrants::TokenGrants(const catalog::Issuer& issuer, const EndpointTable& table)
    : issuer_(issuer), table_(table) {
  if (issuer.endpoints)
    ceiling_ = std::make_shared<const EndpointIndices>(table.indices_of(*issuer.endpoints));
  if (issuer.tenants) tenants_.emplace(issuer.tenants->begin(), issuer.tenants->end());
}

std::optional<Principal> TokenGrants::principal_of(const jwt::Claims& claims) const {
  Principal out;
  out.id = issuer_.id;
  out.subject = claims.text({"sub"}).value_or("");
  out.table = &table_;
  out.limits = issuer_.limits;
  out.endpoints = endpoints_of(claims);
  const auto hash = std::hash<std::string>{};
  if (issuer_.tenant_claim.empty()) {
    out.fairness_class = hash("subject:" + issuer_.id + ":" + out.subject);
    return out;
  }
  if (!set_tenant(out, claims)) return std::nullopt;
  out.fairness_class = hash("tenant:" + claims.id(issuer_.tenant_claim)->text);
  return out;
}

std::shared_ptr<const EndpointIndices> TokenGrants::endpoints_of(const jwt::Claims& claims) const {
  if (issuer_.endpoints_claim.empty()) return ceiling_;
  std::vector<std::string> names;
  for (const std::string& word : claims.words(issuer_.endpoints_claim)) {
    if (word.starts_with(issuer_.endpoints_prefix))
      names.push_back(word.substr(issuer_.endpoints_prefix.size()));
  }
  auto named = table_.indices_of(names);
  if (!ceiling_) return std::make_shared<const EndpointIndices>(std::move(named));
  EndpointIndices both;
  std::set_intersection(named.begin(), named.end(), ceiling_->begin(), ceiling_->end(),
                        std::back_inserter(both));
  return std::make_shared<const EndpointIndices>(std::move(both));
}

bool TokenGrants::set_tenant(Principal& principal, const jwt::Claims& claims) const {
  const auto tenant = claims.id(issuer_.tenant_claim);
  if (!tenant || !is_nfc(tenant->text)) return false;
  if (tenants_ && !tenants_->contains(tenant->text)) return false;
  principal.set_tenant(tenant->text);
  if (tenant->number) principal.text_tenant.reset();
  const auto fits = [&](std::size_t index) {
    const EndpointTable::Entry& entry = table_.entries()[index];
    return !entry.tenant_scoped || (entry.tenant_type && principal.tenant_in(*entry.tenant_type));
  };
  if (principal.endpoints) return std::all_of(principal.endpoints->begin(), principal.endpoints->end(), fits);
  for (std::size_t i = 0; i < table_.entries().size(); ++i) {
    if (!fits(i)) return false;
  }
  return true;
}

}  // namespace offloader::identity
