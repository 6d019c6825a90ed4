#include "group_block.h"

#include <algorithm>
#include <array>
#include <limits>

#include "column_names.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 3> kChoiceFields = {"choose", "default", "max"};

bool has_aggregates(const Selects& selects) {
  return std::any_of(selects.list().begin(), selects.list().end(),
                     [](const SelectDraft& each) { return each.aggregated; });
}

void check_grouped(const Selects& selects, const std::vector<std::size_t>& grouped, std::string_view list) {
  for (std::size_t i = 0; i < selects.list().size(); ++i) {
    if (selects[i].aggregated || selects[i].as.empty()) continue;
    if (std::find(grouped.begin(), grouped.end(), i) != grouped.end()) continue;
    selects[i].at.report("ungrouped_column",
                         "\"" + selects[i].as + "\" is neither aggregated nor in " + std::string(list),
                         "add it to " + std::string(list) + ", or give it an `agg`");
  }
}

void check_fill(const Selects& selects, const std::vector<std::size_t>& grouped, std::string_view list) {
  for (std::size_t i = 0; i < selects.list().size(); ++i) {
    if (!selects[i].fills || std::find(grouped.begin(), grouped.end(), i) != grouped.end()) continue;
    selects[i].at.report("invalid_bucket",
                         "`fill` adds groups, but \"" + selects[i].as + "\" is not in " + std::string(list),
                         "add it to " + std::string(list) + ", or remove `fill`");
  }
}

// Reads `default`, some of the columns of `choose`. An empty list means one row of all aggregates.
std::vector<std::size_t> read_standard(const Fields& fields, const Selects& selects,
                                       const std::vector<std::size_t>& among) {
  std::vector<std::size_t> standard;
  const Value at = fields.get("default", Need::required);
  if (!at.present()) return standard;
  const std::vector<Value> items = as_list(at);
  for (const Value& item : items) {
    for (const std::size_t index : read_names({item}, selects, Names::plain, "`default`")) {
      if (std::find(among.begin(), among.end(), index) == among.end()) {
        item.report("invalid_value", "`choose` does not list \"" + selects[index].as + "\"", [&] {
          std::vector<std::string> names;
          for (const std::size_t each : among) names.push_back(selects[each].as);
          return hint_for(selects[index].as, names, "it lists");
        });
      } else if (std::find(standard.begin(), standard.end(), index) != standard.end()) {
        item.report("duplicate_column", "\"" + selects[index].as + "\" is in `default` twice",
                    "remove one of them");
      } else {
        standard.push_back(index);
      }
    }
  }
  if (items.empty() && at.node->kind == yaml::Kind::sequence && !has_aggregates(selects)) {
    at.report("invalid_value", "without aggregates an answer needs at least one column to group by",
              "list columns under `default`, or select an aggregate");
  }
  return standard;
}

void read_choice(const Value& at, const Selects& selects, Endpoint& endpoint) {
  const Fields fields(at, kChoiceFields);
  GroupChoice choice;
  const std::vector<Value> items = fields.list("choose", Need::required);
  choice.among = read_names(items, selects, Names::plain, "`choose`");
  choice.standard = read_standard(fields, selects, choice.among);
  choice.most = fields.integer("max", Need::optional, 1, std::numeric_limits<std::int64_t>::max());
  if (choice.most && static_cast<std::uint64_t>(*choice.most) < choice.standard.size()) {
    fields.at("max").report("invalid_value", "`default` lists more columns than `max`",
                            "raise `max`, or shorten `default`");
  }
  check_fill(selects, choice.among, "`choose`");
  if (!items.empty()) check_grouped(selects, choice.among, "`choose`");
  endpoint.group_by = choice.standard;
  endpoint.group_choice = std::move(choice);
}

}  // namespace

void read_group_by(const Fields& query, const Selects& selects, Endpoint& endpoint) {
  const Value at = query.at("group_by");
  if (at.present() && at.node->kind == yaml::Kind::map) return read_choice(at, selects, endpoint);
  const std::vector<Value> items = query.list("group_by", Need::optional);
  endpoint.group_by = read_names(items, selects, Names::plain, "`group_by`");
  if (at.present() && at.node->kind != yaml::Kind::sequence) return;
  check_fill(selects, endpoint.group_by, "`group_by`");
  if (!items.empty()) return check_grouped(selects, endpoint.group_by, "`group_by`");
  const bool plain = std::any_of(selects.list().begin(), selects.list().end(),
                                 [](const SelectDraft& each) { return !each.aggregated; });
  if (!plain || !has_aggregates(selects)) return;
  at.report("missing_group_by", "aggregates and plain columns are selected together without `group_by`",
            "list the plain columns under `group_by`");
}

}  // namespace offloader::catalog
