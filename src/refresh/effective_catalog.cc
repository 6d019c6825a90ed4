#include "effective_catalog.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace offloader::refresh {

std::shared_ptr<const catalog::Catalog> effective_catalog(
    const std::shared_ptr<const catalog::Catalog>& desired, const catalog::Catalog* served,
    const std::function<Fit(const std::string& dataset)>& fit) {
  const auto is_scoped = [](const auto& entry) { return entry.second.tenant_scoped; };
  std::map<std::string_view, Fit> fits;
  for (const auto& [id, dataset] : desired->datasets) fits.emplace(id, fit(id));
  const bool all_ready =
      std::all_of(fits.begin(), fits.end(), [](const auto& entry) { return entry.second == Fit::ready; });
  if (all_ready && (desired->auth == catalog::AuthMode::required ||
                    std::none_of(desired->endpoints.begin(), desired->endpoints.end(), is_scoped)))
    return desired;
  auto made = std::make_shared<catalog::Catalog>(*desired);
  for (const auto& [id, how] : fits) {
    if (how == Fit::ready) continue;
    const bool known = served != nullptr && served->datasets.contains(id);
    if (how == Fit::behind && known) {
      catalog::Dataset& kept = made->datasets.find(id)->second;
      const catalog::Dataset& old = served->datasets.find(id)->second;
      kept.schema = old.schema;
      kept.tenant_column = old.tenant_column;
    } else {
      made->datasets.erase(made->datasets.find(id));
    }
  }
  // If its dataset is ready, an endpoint is the desired one. Otherwise the served endpoint of that name
  // stays, provided that its dataset still serves under the contract that the endpoint was written for.
  for (auto it = made->endpoints.begin(); it != made->endpoints.end();) {
    if (fits.find(it->second.dataset)->second == Fit::ready) {
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
  if (std::any_of(made->endpoints.begin(), made->endpoints.end(), is_scoped))
    made->auth = catalog::AuthMode::required;
  return made;
}

}  // namespace offloader::refresh
