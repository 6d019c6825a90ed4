#include "choice.h"

#include <algorithm>
#include <optional>

#include "canonical_writer.h"
#include "list_syntax.h"

namespace offloader::query {
namespace {

using catalog::Endpoint;

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

std::vector<std::string> names_of(const Endpoint& endpoint, const std::vector<std::size_t>& selects) {
  std::vector<std::string> names;
  for (const std::size_t select : selects) names.push_back(endpoint.select[select].as);
  return names;
}

// Returns the select among `listed` that has the name, or kNone.
std::size_t find(const Endpoint& endpoint, const std::vector<std::size_t>& listed, std::string_view name) {
  const auto found = std::find_if(listed.begin(), listed.end(),
                                  [&](std::size_t select) { return endpoint.select[select].as == name; });
  return found == listed.end() ? kNone : *found;
}

// The lists below are read no further than one value past the number of names: by then one has been repeated
// or is unknown.

// Returns nullopt if the list is not one of the contract's columns.
std::optional<std::vector<std::size_t>> read_by(const Endpoint& endpoint, const SentValues& request,
                                                Problems& problems) {
  const catalog::GroupChoice& offer = *endpoint.group_choice;
  if (request.by.empty()) return offer.standard;
  const auto values = values_of(request.by, offer.among.size());
  std::vector<std::size_t> group;
  bool valid = true;
  const auto refuse = [&](std::string_view what, std::vector<std::string> allowed = {}) {
    problems.add("by", "param `by` " + std::string(what), std::move(allowed));
    valid = false;
  };
  if (!values) refuse("is not a list: separate names by commas");
  for (const std::string& name : values.value_or(std::vector<std::string>())) {
    const std::size_t select = find(endpoint, offer.among, name);
    if (select == kNone) {
      refuse("names a column that the endpoint does not group by", names_of(endpoint, offer.among));
    } else if (std::find(group.begin(), group.end(), select) != group.end()) {
      refuse("names a column more than once");
    } else {
      group.push_back(select);
    }
  }
  if (valid && offer.most && group.size() > static_cast<std::uint64_t>(*offer.most)) {
    refuse("may name at most " + std::to_string(*offer.most) + " columns");
  }
  if (valid && group.empty() && !endpoint.aggregated()) {
    refuse("must name at least one column", names_of(endpoint, offer.among));
  }
  return valid ? std::optional(std::move(group)) : std::nullopt;
}

void read_sort(const Endpoint& endpoint, const SentValues& request, Choice& choice, Problems& problems) {
  if (request.sort.empty()) return;
  const auto refuse = [&](std::string_view what, std::vector<std::string> allowed = {}) {
    problems.add("sort", "param `sort` " + std::string(what), std::move(allowed));
  };
  const auto values = values_of(request.sort, endpoint.sortable.size());
  if (!values) return refuse("is not a list: separate names by commas");
  if (values->empty()) {
    return refuse("must name at least one column", names_of(endpoint, endpoint.sortable));
  }
  for (const std::string& value : *values) {
    const bool descending = value.starts_with('-');
    const std::size_t select =
        find(endpoint, endpoint.sortable, std::string_view(value).substr(descending ? 1 : 0));
    if (select == kNone) {
      refuse("names a column that the endpoint does not sort by", names_of(endpoint, endpoint.sortable));
    } else if (!choice.has(select)) {
      std::vector<std::size_t> allowed = endpoint.sortable;
      std::erase_if(allowed, [&](std::size_t each) { return !choice.has(each); });
      refuse("names a column that `by` does not choose", names_of(endpoint, allowed));
    } else if (std::any_of(choice.sort.begin(), choice.sort.end(),
                           [&](const catalog::OrderBy& key) { return key.select == select; })) {
      refuse("names a column more than once");
    } else {
      choice.sort.push_back({select, descending});
    }
  }
}

void read_totals(const Endpoint& endpoint, const SentValues& request, Choice& choice, Problems& problems) {
  if (request.totals.empty()) return;
  std::vector<std::string> offered;
  if (endpoint.totals.rows) offered.emplace_back(catalog::kTotals[0]);
  if (endpoint.totals.grand) offered.emplace_back(catalog::kTotals[1]);
  const auto refuse = [&](std::string_view what, std::vector<std::string> allowed = {}) {
    problems.add("totals", "param `totals` " + std::string(what), std::move(allowed));
  };
  const auto values = values_of(request.totals, offered.size());
  if (!values) return refuse("is not a list: separate names by commas");
  if (values->empty()) return refuse("must name at least one total", offered);
  for (const std::string& value : *values) {
    if (std::find(offered.begin(), offered.end(), value) == offered.end()) {
      refuse("must be one or more of its listed values", offered);
      continue;
    }
    bool& asked = value == catalog::kTotals[0] ? choice.rows : choice.grand;
    if (asked) refuse("names a total more than once");
    asked = true;
  }
}

void leave_out(const Endpoint& endpoint, Choice& choice) {
  choice.left_out.assign(endpoint.select.size(), false);
  for (const std::size_t select : endpoint.group_choice->among) choice.left_out[select] = true;
  for (const std::size_t select : choice.group) choice.left_out[select] = false;
}

std::string key_of(const Endpoint& endpoint, const Choice& choice) {
  std::string key;
  if (choice.group == endpoint.group_by && choice.sort.empty()) return key;
  CanonicalWriter writer(key);
  writer.number(choice.group.size());
  for (const std::size_t select : choice.group) writer.number(select);
  for (const catalog::OrderBy& each : choice.sort) {
    writer.tag(each.descending ? 'd' : 'a');
    writer.number(each.select);
  }
  return key;
}

}  // namespace

bool offers_choice(const Endpoint& endpoint) {
  return endpoint.group_choice || !endpoint.sortable.empty() || endpoint.totals.any();
}

Choice standard_choice(const Endpoint& endpoint) {
  Choice choice;
  choice.group = endpoint.group_by;
  if (endpoint.group_choice) leave_out(endpoint, choice);
  return choice;
}

Choice read_choice(const Endpoint& endpoint, const SentValues& request, Problems& problems) {
  Choice choice = standard_choice(endpoint);
  if (endpoint.group_choice) {
    if (auto group = read_by(endpoint, request, problems)) {
      choice.group = std::move(*group);
      leave_out(endpoint, choice);
    } else {
      choice.left_out.clear();
    }
  }
  read_sort(endpoint, request, choice, problems);
  read_totals(endpoint, request, choice, problems);
  choice.key = key_of(endpoint, choice);
  return choice;
}

std::vector<std::string> chosen_columns(const Endpoint& endpoint, const Choice& choice) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < endpoint.select.size() && names.size() < Problems::kMostAllowed; ++i) {
    if (choice.has(i)) names.push_back(endpoint.select[i].as);
  }
  return names;
}

}  // namespace offloader::query
