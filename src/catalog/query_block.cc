#include "query_block.h"

#include <array>
#include <set>

#include "caller_block.h"
#include "filters.h"
#include "group_block.h"
#include "having_block.h"
#include "order_block.h"
#include "select_block.h"
#include "top_block.h"
#include "wide_numbers.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 6> kFields = {"select", "filters",  "group_by",
                                                     "having", "order_by", "top"};

void warn_of_unused(const ParamDrafts& params, const std::set<std::size_t>& used) {
  for (std::size_t i = 0; i < params.list().size(); ++i) {
    if (used.contains(i)) continue;
    const ParamDraft& param = params.list()[i];
    param.at.report("unused_param", "no filter uses the param \"" + param.param.name + "\"",
                    "add a filter, or remove the param", Severity::warning);
  }
}

// Checks that the allowlist has exactly the selected names.
void check_columns(const Fields& fields, const Selects& selects) {
  const Value at = fields.at("columns");
  const std::vector<Value> items = fields.list("columns", Need::required);
  std::set<std::size_t> listed;
  for (const Value& item : items) {
    const auto index = selects.find(item, "column_not_selected");
    if (index && !listed.insert(*index).second) {
      item.report("duplicate_column", "\"" + selects[*index].as + "\" is listed twice", "remove one of them");
    }
  }
  if (items.empty()) return;
  for (const SelectDraft& select : selects.list()) {
    // If several selects have the same name, `columns` refers to the first.
    if (select.as.empty() || listed.contains(selects.first_named(select.as))) continue;
    select.at.report("column_not_allowlisted",
                     "\"" + select.as + "\" is selected, but `columns` does not list it",
                     "add it to `columns`, or remove it from `select`");
  }
}

}  // namespace

void read_query(const Fields& fields, const DatasetDraft* dataset, const ParamDrafts& params,
                EndpointDraft& draft) {
  Endpoint& endpoint = draft.endpoint;
  const Fields query(fields.get("query", Need::required), kFields);
  Selects selects;
  if (query.readable()) {
    std::set<std::size_t> used;
    selects.read(query, dataset, params, endpoint, used);
    draft.filter_places = read_filters(query, dataset, params, endpoint.filters, used);
    read_group_by(query, selects, endpoint);
    read_having(query, selects, params, endpoint, used);
    read_order_by(query, selects, endpoint);
    read_top(query, selects, endpoint);
    warn_of_wide_numbers(selects, endpoint);
    warn_of_unused(params, used);
  }
  check_columns(fields, selects);
  read_sortable(fields, selects, endpoint);
  read_totals(fields, selects, endpoint);
}

}  // namespace offloader::catalog
