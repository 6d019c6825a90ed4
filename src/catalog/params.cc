#include "params.h"

#include <array>
#include <set>
#include <unordered_map>

#include "drafts.h"
#include "param_default.h"
#include "param_limits.h"
#include "reserved_params.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 12> kFields = {"name",     "type",    "description", "example",
                                                      "required", "default", "list",        "enum",
                                                      "min",      "max",     "max_length",  "aliases"};
constexpr auto kTypes = words_of(kParamTypes);

void read_enum(const Fields& fields, ParamDraft& draft, Words& words) {
  if (draft.type_known && draft.param.type != ParamType::enumeration) {
    if (fields.at("enum").present()) {
      fields.at("enum").report("invalid_value", "`enum` is allowed only for params of type enum",
                               "remove it, or write `type: enum`");
    }
    return;
  }
  if (!draft.type_known) return;
  for (const Value& item : fields.list("enum", Need::required)) {
    const auto text = as_scalar_text(item);
    if (!text) continue;
    if (words.insert(*text).second) {
      draft.param.enum_values.push_back(*text);
    } else {
      item.report("invalid_value", item.source->quote(*text) + " is listed twice", "remove one of them");
    }
  }
}

// Resolves chains of aliases. Each alias is followed only once, however long the chains are.
class AliasEnds {
 public:
  explicit AliasEnds(const std::map<std::string, std::string, std::less<>>& aliases) : aliases_(aliases) {}

  // Returns nullopt if the alias is part of, or leads to, a cycle.
  std::optional<std::string> end_of(const std::string& start) {
    std::vector<std::string_view> chain;
    std::string_view at = start;
    std::optional<std::string_view> end;
    while (true) {
      const auto known = ends_.find(at);
      if (known != ends_.end()) {
        end = known->second;
        break;
      }
      const auto next = aliases_.find(at);
      if (next == aliases_.end()) {
        end = at;
        break;
      }
      // Mark the alias as cyclic until its end is known.
      ends_.emplace(next->first, std::nullopt);
      chain.push_back(next->first);
      at = next->second;
    }
    for (const std::string_view each : chain) ends_[each] = end;
    return end ? std::optional(std::string(*end)) : std::nullopt;
  }

 private:
  const std::map<std::string, std::string, std::less<>>& aliases_;
  std::unordered_map<std::string_view, std::optional<std::string_view>> ends_;
};

void read_aliases(const Fields& fields, ParamDraft& draft, const Words& words) {
  const Value at = fields.at("aliases");
  if (!at.present() || !draft.type_known) return;
  const bool is_enum = draft.param.type == ParamType::enumeration;
  if (!is_enum && draft.param.type != ParamType::string) {
    at.report("invalid_value", "`aliases` are allowed only for params of type string or enum", "remove them");
    return;
  }
  if (at.node->kind != yaml::Kind::map) {
    at.report("not_a_map", "must be a mapping from text to text");
    return;
  }
  std::map<std::string, std::string, std::less<>> written;
  std::vector<std::pair<std::string, Value>> places;
  for (const yaml::Entry& entry : at.node->entries) {
    const Value key{at.source, entry.key, entry.key->line, at.path + "." + path_part(entry.key->text)};
    const Value value{at.source, entry.value, entry.key->line, key.path};
    const auto from = as_scalar_text(key);
    const auto to = as_scalar_text(value);
    if (from && to && written.emplace(*from, *to).second) places.emplace_back(*from, value);
  }
  AliasEnds ends(written);
  for (const auto& [from, place] : places) {
    const auto end = ends.end_of(from);
    if (!end) {
      place.report("invalid_value", "the alias leads back to itself", "make it end in a value");
    } else if (is_enum && words.contains(from)) {
      place.report("invalid_value", "the alias hides the enum value of the same name", "remove the alias");
    } else if (is_enum && !words.contains(*end)) {
      place.report("invalid_value",
                   "the alias ends in " + place.source->quote(*end) + ", which is not an enum value",
                   [&] { return hint_for(*end, draft.param.enum_values, "enum values"); });
    } else {
      draft.param.aliases.emplace(from, *end);
    }
  }
}

}  // namespace

ParamDrafts read_params(const Fields& endpoint) {
  ParamDrafts params;
  const ReservedNames reserved = reserved_names(endpoint);
  for (const Value& item : endpoint.list("params", Need::optional)) {
    const Fields fields(item, kFields);
    if (!fields.readable()) continue;
    ParamDraft draft;
    draft.at = item;
    const auto name = read_identifier(fields, "name");
    if (const auto type = fields.choice("type", Need::required, kTypes)) {
      draft.param.type = kParamTypes[*type].type;
      draft.type_known = true;
    }
    draft.param.description = fields.text("description", Need::optional).value_or("");
    draft.param.required = fields.boolean("required", Need::optional).value_or(false);
    Words words;
    read_enum(fields, draft, words);
    read_limits(fields, draft);
    read_aliases(fields, draft, words);
    read_default(fields, draft, words);
    read_example(fields, draft, words);
    if (!name) continue;
    if (const auto reason = reserved.find(*name); reason != reserved.end()) {
      fields.at("name").report("reserved_param", "the name \"" + *name + "\" is reserved: " + reason->second,
                               "choose another name");
      continue;
    }
    draft.param.name = *name;
    if (!params.add(std::move(draft))) {
      fields.at("name").report("duplicate_param", "the param \"" + *name + "\" is declared twice",
                               "remove one, or give it another name");
    }
  }
  return params;
}

std::vector<std::vector<std::size_t>> read_combinations(const Fields& endpoint, const ParamDrafts& params) {
  std::vector<std::vector<std::size_t>> combinations;
  for (const Value& item : endpoint.list("combinations", Need::optional)) {
    std::set<std::size_t> members;
    for (const Value& member : as_list(item)) {
      const auto name = as_text(member);
      if (!name) continue;
      const auto index = params.find(*name);
      if (!index) {
        member.report("unknown_param", "unknown param " + member.source->quote(*name),
                      [&] { return params.hint_for(*name); });
      } else if (!members.insert(*index).second) {
        member.report("duplicate_param", "the combination names \"" + *name + "\" twice",
                      "remove one of them");
      }
    }
    combinations.emplace_back(members.begin(), members.end());
  }
  return combinations;
}

bool ParamDrafts::add(ParamDraft draft) {
  if (!by_name_.emplace(draft.param.name, list_.size()).second) return false;
  list_.push_back(std::move(draft));
  return true;
}

std::optional<std::size_t> ParamDrafts::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

std::string ParamDrafts::hint_for(std::string_view name) const {
  std::vector<std::string> names;
  for (const ParamDraft& each : list_) names.push_back(each.param.name);
  return catalog::hint_for(name, names, "params");
}

}  // namespace offloader::catalog
