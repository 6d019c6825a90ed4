#include "group_block.h"

#include <algorithm>
#include <set>

namespace offloader::catalog {

void read_group_by(const Fields& query, const Selects& selects, Endpoint& endpoint) {
  const Value at = query.at("group_by");
  const std::vector<Value> items = query.list("group_by", Need::optional);
  std::set<std::size_t> grouped;
  for (const Value& item : items) {
    const auto index = selects.find(item, "unknown_column");
    if (!index) continue;
    if (selects[*index].aggregated) {
      item.report("invalid_value",
                  "\"" + selects[*index].as + "\" is an aggregate and cannot be in `group_by`",
                  "remove it from `group_by`");
    } else if (!grouped.insert(*index).second) {
      item.report("duplicate_column", "\"" + selects[*index].as + "\" is in `group_by` twice",
                  "remove one of them");
    } else {
      endpoint.group_by.push_back(*index);
    }
  }
  if (at.present() && at.node->kind != yaml::Kind::sequence) return;
  for (std::size_t i = 0; i < selects.list().size(); ++i) {
    if (!selects[i].fills || grouped.contains(i)) continue;
    selects[i].at.report("invalid_bucket",
                         "`fill` adds groups, but \"" + selects[i].as + "\" is not in `group_by`",
                         "add it to `group_by`, or remove `fill`");
  }
  const auto aggregated = [](const SelectDraft& each) { return each.aggregated; };
  const bool mixed = std::any_of(selects.list().begin(), selects.list().end(), aggregated) &&
                     !std::all_of(selects.list().begin(), selects.list().end(), aggregated);
  if (items.empty()) {
    if (mixed) {
      at.report("missing_group_by", "aggregates and plain columns are selected together without `group_by`",
                "list the plain columns under `group_by`");
    }
    return;
  }
  for (std::size_t i = 0; i < selects.list().size(); ++i) {
    if (selects[i].aggregated || selects[i].as.empty() || grouped.contains(i)) continue;
    selects[i].at.report("ungrouped_column",
                         "\"" + selects[i].as + "\" is neither aggregated nor in `group_by`",
                         "add it to `group_by`, or give it an `agg`");
  }
}

}  // namespace offloader::catalog
