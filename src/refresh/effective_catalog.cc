#include "effective_catalog.h"

#include <algorithm>

namespace offloader::refresh {

std::shared_ptr<const catalog::Catalog> effective_catalog(
    const std::shared_ptr<const catalog::Catalog>& desired, const catalog::Catalog* served,
    const std::function<Fit(const std::string& dataset)>& fit) {
  auto made = std::make_shared<catalog::Catalog>(*desired);
  for (const auto& [id, dataset] : desired->datasets) {
    const Fit how = fit(id);
    if (how == Fit::ready) continue;
    const bool known = served != nullptr && served->datasets.contains(id);
    if (how == Fit::behind && known) {
      catalog::Dataset& kept = made->datasets.at(id);
      kept.schema = served->datasets.at(id).schema;
      kept.tenant_column = served->datasets.at(id).tenant_column;
    } else {
      made->datasets.erase(id);
    }
  }
  // An endpoint is the desired one where its dataset is ready. Otherwise the served one stays, if the project
  // still has one of that name and the served one's dataset still serves under the contract that the endpoint
  // was written for.
  for (auto it = made->endpoints.begin(); it != made->endpoints.end();) {
    if (fit(it->second.dataset) == Fit::ready) {
      ++it;
      continue;
    }
    const catalog::Endpoint* old = nullptr;
    if (served != nullptr) {
      const auto found = served->endpoints.find(it->first);
      if (found != served->endpoints.end()) old = &found->second;
    }
    const auto home = old == nullptr ? made->datasets.end() : made->datasets.find(old->dataset);
    if (home != made->datasets.end() && home->second.schema == served->datasets.at(old->dataset).schema &&
        home->second.tenant_column == served->datasets.at(old->dataset).tenant_column) {
      it->second = *old;
      ++it;
    } else {
      it = made->endpoints.erase(it);
    }
  }
  const bool tenants = std::any_of(made->endpoints.begin(), made->endpoints.end(),
                                   [](const auto& entry) { return entry.second.tenant_scoped; });
  if (tenants) made->auth = catalog::AuthMode::required;
  return made;
}

}  // namespace offloader::refresh
