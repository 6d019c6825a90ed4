#include "unsorted_filters.h"

#include <algorithm>
#include <set>

#include "offloader/catalog/sort_columns.h"

namespace offloader::catalog {
namespace {

// Returns whether every request has a value of the param: its own, or the default.
bool is_always_given(const Endpoint& endpoint, std::size_t index) {
  const Param& param = endpoint.params[index];
  if (param.required || param.has_default()) return true;
  return !endpoint.combinations.empty() &&
         std::ranges::all_of(endpoint.combinations, [&](const std::vector<std::size_t>& combination) {
           return std::ranges::find(combination, index) != combination.end();
         });
}

class SortCheck {
 public:
  SortCheck(const Dataset& dataset, const std::vector<const Endpoint*>& endpoints)
      : dataset_(dataset), columns_(sort_columns(dataset, endpoints)) {
    if (dataset.tenant_column) columns_.insert(columns_.begin(), *dataset.tenant_column);
  }

  void check(const Endpoint& endpoint, const std::vector<Value>& places) {
    if (endpoint.serving_mode == ServingMode::remote_scan) return;
    std::set<std::size_t> told;
    for (std::size_t i = 0; i < endpoint.filters.size(); ++i) {
      const Filter& filter = endpoint.filters[i];
      if (!narrows(filter) || std::ranges::find(columns_, filter.column) != columns_.end()) continue;
      if (filter.has_param() && !is_always_given(endpoint, filter.param)) continue;
      if (told.insert(filter.column).second) report(filter.column, places[i]);
    }
  }

 private:
  void report(std::size_t column, const Value& at) const {
    std::vector<std::string> names;
    for (const std::size_t each : columns_) names.push_back(dataset_.schema[each].name);
    const std::string name = "\"" + dataset_.schema[column].name + "\"";
    at.report(
        "unsorted_filter",
        "every request filters by " + name + ", but the rows are sorted by " + join(names) + " only",
        "at most " + std::to_string(kMostSortColumns) +
            " columns sort the rows: those that the most endpoints filter, and of equals the first in the "
            "schema; if " +
            name + " selects fewer rows, move it up there, or give the endpoint a dataset of its own",
        Severity::warning);
  }

  const Dataset& dataset_;
  std::vector<std::size_t> columns_;
};

}  // namespace

void warn_of_unsorted_filters(const Catalog& catalog, const EndpointDrafts& drafts) {
  std::map<std::string_view, std::vector<const Endpoint*>> by_dataset;
  for (const auto& [name, endpoint] : catalog.endpoints) by_dataset[endpoint.dataset].push_back(&endpoint);
  for (const auto& [id, endpoints] : by_dataset) {
    SortCheck check(catalog.dataset_of(*endpoints.front()), endpoints);
    for (const Endpoint* endpoint : endpoints)
      check.check(*endpoint, drafts.find(endpoint->name)->second.filter_places);
  }
}

}  // namespace offloader::catalog
