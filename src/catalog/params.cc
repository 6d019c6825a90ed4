#include "params.h"

#include <algorithm>
#include <array>
#include <limits>

#include "drafts.h"
#include "offloader/base/timestamp.h"

namespace offloader::catalog {
namespace {

using Int64 = std::numeric_limits<std::int64_t>;

constexpr std::array<std::string_view, 7> kFields = {"name", "type", "required", "default",
                                                     "enum", "max",  "aliases"};
constexpr std::array<std::string_view, 4> kTypes = {"string", "integer", "date", "enum"};
constexpr std::array<std::string_view, 3> kReserved = {"limit", "offset", "columns"};

bool contains(const std::vector<std::string>& values, std::string_view text) {
  return std::find(values.begin(), values.end(), text) != values.end();
}

void read_enum(const Fields& fields, ParamDraft& draft) {
  if (draft.type_known && draft.param.type != ParamType::enumeration) {
    if (fields.at("enum").present()) {
      fields.at("enum").report("invalid_value", "`enum` belongs to params of type `enum`");
    }
    return;
  }
  if (!draft.type_known) return;
  for (const Value& item : fields.list("enum", Need::required)) {
    const auto text = as_text(item);
    if (!text) continue;
    if (contains(draft.param.enum_values, *text)) {
      item.report("invalid_value", item.source->quote(*text) + " is listed twice");
    } else {
      draft.param.enum_values.push_back(*text);
    }
  }
}

void read_max(const Fields& fields, ParamDraft& draft) {
  const Value at = fields.at("max");
  if (!at.present()) return;
  if (draft.type_known && draft.param.type != ParamType::integer) {
    at.report("invalid_value", "`max` belongs to params of type `integer`");
    return;
  }
  draft.param.max = as_integer(at, Int64::min(), Int64::max());
}

// Follows an alias to where it ends; nothing when it runs in a circle.
std::optional<std::string> end_of_alias(const std::map<std::string, std::string, std::less<>>& aliases,
                                        const std::string& start) {
  std::string at = start;
  for (std::size_t steps = 0; steps <= aliases.size(); ++steps) {
    const auto next = aliases.find(at);
    if (next == aliases.end()) return at;
    at = next->second;
  }
  return std::nullopt;
}

void read_aliases(const Fields& fields, ParamDraft& draft) {
  const Value at = fields.at("aliases");
  if (!at.present() || !draft.type_known) return;
  const bool is_enum = draft.param.type == ParamType::enumeration;
  if (!is_enum && draft.param.type != ParamType::string) {
    at.report("invalid_value", "`aliases` belong to params of type `string` and `enum`");
    return;
  }
  if (at.node->kind != yaml::Kind::map) {
    at.report("not_a_map", "must be a mapping from text to text");
    return;
  }
  std::map<std::string, std::string, std::less<>> written;
  std::vector<std::pair<std::string, Value>> places;
  for (const yaml::Entry& entry : at.node->entries) {
    const Value key{at.source, entry.key, entry.key->line, at.path + "." + entry.key->text};
    const Value value{at.source, entry.value, entry.key->line, key.path};
    const auto from = as_text(key);
    const auto to = as_text(value);
    if (from && to && written.emplace(*from, *to).second) places.emplace_back(*from, value);
  }
  for (const auto& [from, place] : places) {
    const auto end = end_of_alias(written, from);
    if (!end) {
      place.report("invalid_value", "the alias leads back to itself");
    } else if (is_enum && contains(draft.param.enum_values, from)) {
      place.report("invalid_value", "the alias hides an enum value of the same name");
    } else if (is_enum && !contains(draft.param.enum_values, *end)) {
      place.report("invalid_value",
                   "the alias ends in " + place.source->quote(*end) + ", which is no enum value",
                   hint_for(*end, draft.param.enum_values, "enum values"));
    } else {
      draft.param.aliases.emplace(from, *end);
    }
  }
}

// What is wrong with a default, or nothing.
std::string fault_of_default(const yaml::Node& node, const Param& param, std::string& canonical) {
  if (param.type == ParamType::integer) {
    if (node.kind != yaml::Kind::integer) return "must be an integer, as the param is";
    Findings quiet;
    Source source{{}, false, &quiet};
    const Value value{&source, std::make_shared<yaml::Node>(node), 0, {}};
    const auto number = as_integer(value, Int64::min(), Int64::max());
    if (!number) return "does not fit a 64-bit integer";
    if (param.max && *number > *param.max) return "is past `max`";
    canonical = std::to_string(*number);
    return {};
  }
  if (node.kind != yaml::Kind::string) return "must be text, as the param is; put it in quotes";
  canonical = node.text;
  if (param.type == ParamType::date && !parse_date(node.text)) return "is not a date as YYYY-MM-DD";
  if (param.type == ParamType::enumeration && !contains(param.enum_values, node.text)) {
    return "is not one of the enum's values";
  }
  return {};
}

void read_default(const Fields& fields, ParamDraft& draft) {
  const Value at = fields.at("default");
  if (!at.present()) return;
  if (draft.param.required) {
    at.report("invalid_default", "a required param has no use for a default", "remove one of the two");
    return;
  }
  if (!draft.type_known) return;
  std::string canonical;
  const std::string fault = fault_of_default(*at.node, draft.param, canonical);
  if (!fault.empty()) {
    at.report("invalid_default", fault);
  } else {
    draft.param.default_value = std::move(canonical);
  }
}

}  // namespace

std::vector<ParamDraft> read_params(const Fields& endpoint) {
  std::vector<ParamDraft> params;
  for (const Value& item : endpoint.list("params", Need::optional)) {
    const Fields fields(item, kFields);
    if (!fields.readable()) continue;
    ParamDraft draft;
    draft.at = item;
    const auto name = read_identifier(fields, "name");
    if (const auto type = fields.choice("type", Need::required, kTypes)) {
      draft.param.type = static_cast<ParamType>(*type);
      draft.type_known = true;
    }
    draft.param.required = fields.boolean("required", Need::optional).value_or(false);
    read_enum(fields, draft);
    read_max(fields, draft);
    read_aliases(fields, draft);
    read_default(fields, draft);
    if (!name) continue;
    if (std::find(kReserved.begin(), kReserved.end(), *name) != kReserved.end()) {
      fields.at("name").report("reserved_param", "every endpoint has the param `" + *name + "` already",
                               "choose another name");
      continue;
    }
    if (find_param(params, *name)) {
      fields.at("name").report("duplicate_param", "the param `" + *name + "` is declared twice");
      continue;
    }
    draft.param.name = *name;
    params.push_back(std::move(draft));
  }
  return params;
}

std::vector<std::vector<std::size_t>> read_combinations(const Fields& endpoint,
                                                        const std::vector<ParamDraft>& params) {
  std::vector<std::vector<std::size_t>> combinations;
  for (const Value& item : endpoint.list("combinations", Need::optional)) {
    std::vector<std::size_t> members;
    for (const Value& member : as_list(item)) {
      const auto name = as_text(member);
      if (!name) continue;
      const auto index = find_param(params, *name);
      if (!index) {
        member.report("unknown_param", "no param " + member.source->quote(*name) + " is declared",
                      hint_for_param(params, *name));
      } else if (std::find(members.begin(), members.end(), *index) != members.end()) {
        member.report("duplicate_param", "the combination names `" + *name + "` twice");
      } else {
        members.push_back(*index);
      }
    }
    std::sort(members.begin(), members.end());
    combinations.push_back(std::move(members));
  }
  return combinations;
}

std::optional<std::size_t> find_param(const std::vector<ParamDraft>& params, std::string_view name) {
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (params[i].param.name == name) return i;
  }
  return std::nullopt;
}

std::string hint_for_param(const std::vector<ParamDraft>& params, std::string_view name) {
  std::vector<std::string> names;
  for (const ParamDraft& each : params) names.push_back(each.param.name);
  return hint_for(name, names, "params");
}

}  // namespace offloader::catalog
