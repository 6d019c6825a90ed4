#include "reference_choices.h"

#include <algorithm>
#include <set>

namespace offloader::executor::testing::model {
namespace {

bool contains(const std::vector<std::size_t>& list, std::size_t item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool aggregated(const Endpoint& endpoint) {
  return std::any_of(endpoint.selects.begin(), endpoint.selects.end(),
                     [](const Select& select) { return select.of_group(); });
}

}  // namespace

std::optional<std::size_t> select_named(const Endpoint& endpoint, const std::string& name) {
  for (std::size_t i = 0; i < endpoint.selects.size(); ++i) {
    if (endpoint.selects[i].as == name) return i;
  }
  return std::nullopt;
}

bool offers(const Endpoint& endpoint, const std::string& param) {
  if (param == "columns") return true;
  if (param == "by") return endpoint.choose.has_value();
  if (param == "sort") return !endpoint.sortable.empty();
  return param == "totals" && (endpoint.offers_rows || endpoint.offers_grand);
}

std::optional<Choices> read_choices(const Endpoint& endpoint,
                                    const std::map<std::string, std::vector<std::string>>& sent) {
  Choices choices;
  choices.group = endpoint.group_by;
  if (const auto by = sent.find("by"); by != sent.end()) {
    choices.group.clear();
    for (const std::string& name : by->second) {
      const auto select = select_named(endpoint, name);
      if (!select || !contains(*endpoint.choose, *select) || contains(choices.group, *select))
        return std::nullopt;
      choices.group.push_back(*select);
    }
    if (endpoint.most_groups && choices.group.size() > *endpoint.most_groups) return std::nullopt;
    if (choices.group.empty() && !aggregated(endpoint)) return std::nullopt;
  }
  if (const auto sort = sent.find("sort"); sort != sent.end()) {
    if (sort->second.empty()) return std::nullopt;
    std::set<std::size_t> seen;
    for (const std::string& value : sort->second) {
      const bool descending = !value.empty() && value[0] == '-';
      const auto select = select_named(endpoint, descending ? value.substr(1) : value);
      if (!select || !contains(endpoint.sortable, *select) || !seen.insert(*select).second)
        return std::nullopt;
      if (!has_select(endpoint, choices, *select)) return std::nullopt;
      choices.sort.emplace_back(*select, descending);
    }
  }
  if (const auto totals = sent.find("totals"); totals != sent.end()) {
    if (totals->second.empty()) return std::nullopt;
    for (const std::string& value : totals->second) {
      bool& asked = value == "rows" ? choices.rows : choices.grand;
      const bool offered =
          (value == "rows" && endpoint.offers_rows) || (value == "grand" && endpoint.offers_grand);
      if (!offered || asked) return std::nullopt;
      asked = true;
    }
  }
  return choices;
}

bool has_select(const Endpoint& endpoint, const Choices& choices, std::size_t select) {
  return !endpoint.choose || endpoint.selects[select].of_group() || contains(choices.group, select);
}

std::vector<std::pair<std::size_t, bool>> order_of(const Table& table, const Endpoint& endpoint,
                                                   const Choices& choices) {
  std::vector<std::pair<std::size_t, bool>> order;
  std::set<std::size_t> ordered;
  const auto add = [&](std::size_t select, bool descending) {
    if (has_select(endpoint, choices, select) && ordered.insert(select).second)
      order.emplace_back(select, descending);
  };
  for (const auto& [select, descending] : choices.sort.empty() ? endpoint.order_by : choices.sort)
    add(select, descending);
  // Chosen group columns break ties in the order given, in the places of the group columns.
  std::vector<std::size_t> rest;
  std::size_t next = 0;
  for (std::size_t i = 0; i < endpoint.selects.size(); ++i) {
    if (!has_select(endpoint, choices, i)) continue;
    rest.push_back(endpoint.choose && !endpoint.selects[i].of_group() ? choices.group[next++] : i);
  }
  for (const bool json : {false, true}) {
    for (const std::size_t select : rest) {
      const Select& each = endpoint.selects[select];
      // A count of documents is a number.
      const bool document = !each.of_group() && table.columns[each.column].type == Type::json;
      if (document == json) add(select, false);
    }
  }
  return order;
}

}  // namespace offloader::executor::testing::model
