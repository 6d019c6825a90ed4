#include "choice.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "canonical_writer.h"
#include "list_syntax.h"

namespace offloader::query {
namespace {

using catalog::Endpoint;

std::vector<std::string> names_of(const Endpoint& endpoint, const std::vector<std::size_t>& selects) {
  std::vector<std::string> names;
  for (const std::size_t select : selects) {
    if (names.size() == Problems::kMostAllowed) break;
    names.push_back(endpoint.select[select].as);
  }
  return names;
}

// Adds the problems of one param, each once, so that a long list of mistakes costs no more than a short one.
class Refusals {
 public:
  Refusals(std::string_view param, Problems& problems) : param_(param), problems_(problems) {}

  // `allowed` returns what the contract allows.
  template <typename Allowed>
  void add(const char* what, Allowed allowed) {
    if (!told_.insert(what).second) return;
    problems_.add(param_, in_quotes(param_) + " " + what, allowed());
  }
  void add(const char* what) {
    add(what, [] { return std::vector<std::string>(); });
  }
  [[nodiscard]] bool empty() const { return told_.empty(); }

 private:
  std::string_view param_;
  Problems& problems_;
  std::set<std::string, std::less<>> told_;
};

constexpr const char* kRepeated = "names a column more than once";

// The selects that a list may name.
class Listed {
 public:
  Listed(const Endpoint& endpoint, const SelectNames& names, const std::vector<std::size_t>& listed)
      : names_(names), places_(endpoint.select.size(), Place::unlisted) {
    for (const std::size_t select : listed) places_[select] = Place::listed;
  }

  // Returns the select if the list may name it.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
    const auto found = names_.find(name);
    return found && places_[*found] != Place::unlisted ? found : std::nullopt;
  }
  // Returns false if the select was taken before.
  [[nodiscard]] bool take(std::size_t select) {
    return std::exchange(places_[select], Place::taken) == Place::listed;
  }

 private:
  enum class Place : std::uint8_t { unlisted, listed, taken };
  const SelectNames& names_;
  std::vector<Place> places_;
};

// The lists below are read no further than one value past the number of names: by then one has been repeated
// or is unknown.

// Returns nullopt if the list is not one of the contract's columns.
std::optional<std::vector<std::size_t>> read_by(const Endpoint& endpoint, const SelectNames& names,
                                                const SentValues& request, Problems& problems) {
  const catalog::GroupChoice& offer = *endpoint.group_choice;
  if (request.by.empty()) return offer.standard;
  Refusals refusals("by", problems);
  const auto allowed = [&] { return names_of(endpoint, offer.among); };
  const auto values = values_of(request.by, offer.among.size());
  if (!values) {
    refusals.add(kNoList);
    return std::nullopt;
  }
  Listed listed(endpoint, names, offer.among);
  std::vector<std::size_t> group;
  for (const std::string& name : *values) {
    const auto select = listed.find(name);
    if (!select) {
      refusals.add("names a column that the endpoint does not group by", allowed);
    } else if (!listed.take(*select)) {
      refusals.add(kRepeated);
    } else {
      group.push_back(*select);
    }
  }
  if (offer.most && values->size() > static_cast<std::uint64_t>(*offer.most)) {
    const std::string bound = std::to_string(*offer.most) + " columns";
    const std::string what = "may name at most " + bound;
    refusals.add(what.c_str(), [&] { return std::vector<std::string>{"<= " + bound}; });
  }
  if (values->empty() && !endpoint.aggregated()) refusals.add("must name at least one column", allowed);
  return refusals.empty() ? std::optional(std::move(group)) : std::nullopt;
}

void read_sort(const Endpoint& endpoint, const SelectNames& names, const SentValues& request, Choice& choice,
               Problems& problems) {
  if (request.sort.empty()) return;
  Refusals refusals("sort", problems);
  const auto allowed = [&] {
    std::vector<std::size_t> sortable = endpoint.sortable;
    std::erase_if(sortable, [&](std::size_t select) { return !choice.has(select); });
    return names_of(endpoint, sortable);
  };
  const auto values = values_of(request.sort, endpoint.sortable.size());
  if (!values) return refusals.add(kNoList);
  if (values->empty()) return refusals.add("must name at least one column", allowed);
  Listed listed(endpoint, names, endpoint.sortable);
  for (const std::string& value : *values) {
    const bool descending = value.starts_with('-');
    const auto select = listed.find(std::string_view(value).substr(descending ? 1 : 0));
    if (!select) {
      refusals.add("names a column that the endpoint does not sort by", allowed);
    } else if (!choice.has(*select)) {
      refusals.add("names a column that `by` does not choose", allowed);
    } else if (!listed.take(*select)) {
      refusals.add(kRepeated);
    } else {
      choice.sort.push_back({*select, descending});
    }
  }
}

void read_totals(const Endpoint& endpoint, const SentValues& request, Choice& choice, Problems& problems) {
  if (request.totals.empty()) return;
  std::vector<std::string> offered;
  if (endpoint.totals.rows) offered.emplace_back(catalog::kTotals[0]);
  if (endpoint.totals.grand) offered.emplace_back(catalog::kTotals[1]);
  const auto allowed = [&] { return offered; };
  Refusals refusals("totals", problems);
  const auto values = values_of(request.totals, offered.size());
  if (!values) return refusals.add(kNoList);
  if (values->empty()) return refusals.add("must name at least one total", allowed);
  for (const std::string& value : *values) {
    if (std::find(offered.begin(), offered.end(), value) == offered.end()) {
      refusals.add("must be one or more of its listed values", allowed);
      continue;
    }
    bool& asked = value == catalog::kTotals[0] ? choice.rows : choice.grand;
    if (asked) refusals.add("names a total more than once");
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

Choice read_choice(const Endpoint& endpoint, const SelectNames& names, const SentValues& request,
                   Problems& problems) {
  Choice choice = standard_choice(endpoint);
  if (endpoint.group_choice) {
    if (auto group = read_by(endpoint, names, request, problems)) {
      choice.group = std::move(*group);
      leave_out(endpoint, choice);
    } else {
      choice.left_out.clear();
    }
  }
  read_sort(endpoint, names, request, choice, problems);
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
