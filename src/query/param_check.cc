#include "param_check.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "list_syntax.h"
#include "offloader/catalog/param_value.h"

namespace offloader::query {
namespace {

using catalog::Param;
using catalog::ParamType;

const std::string* look_up(const Param& param, const std::string& text) {
  if (param.enum_values.empty() && param.aliases.empty()) return nullptr;
  const auto listed = std::find(param.enum_values.begin(), param.enum_values.end(), text);
  if (listed != param.enum_values.end()) return &*listed;
  const auto alias = param.aliases.find(text);
  return alias == param.aliases.end() ? nullptr : &alias->second;
}

// Returns the enum value or alias target that `text` names, or null. A client that did not encode a
// trailing `+` sent a text that decodes to a trailing space, so that spelling is tried second.
const std::string* resolve(const Param& param, const std::string& text) {
  if (const std::string* known = look_up(param, text)) return known;
  if (!text.ends_with(' ')) return nullptr;
  std::string with_plus = text;
  with_plus.back() = '+';
  return look_up(param, with_plus);
}

// What a param must be within, in the form of `allowed`.
std::vector<std::string> bounds_of(const Param& param) {
  std::vector<std::string> bounds;
  if (param.min) bounds.push_back(">= " + std::to_string(*param.min));
  if (param.lower) bounds.push_back(">= " + *param.lower);
  if (param.max) bounds.push_back("<= " + std::to_string(*param.max));
  if (param.upper) bounds.push_back("<= " + *param.upper);
  return bounds;
}

// Adds the problems of one param.
struct Refusal {
  const Param& param;
  Problems& problems;

  std::nullptr_t operator()(std::string_view what, std::vector<std::string> allowed = {}) const {
    problems.add(param.name, in_quotes(param.name) + " " + std::string(what), std::move(allowed));
    return nullptr;
  }
};

std::nullptr_t refuse_size(const Refusal& refuse, std::size_t most, const std::string& of) {
  const std::string bound = std::to_string(most) + " " + of;
  return refuse("may have at most " + bound, {"<= " + bound});
}

const std::string* check_integer(const Param& param, const std::string& text, const Refusal& refuse) {
  const auto number = catalog::parse_integer(text);
  if (!number) return refuse("must be an integer", bounds_of(param));
  if (param.max && *number > *param.max)
    return refuse("may be at most " + std::to_string(*param.max), bounds_of(param));
  if (param.min && *number < *param.min)
    return refuse("must be at least " + std::to_string(*param.min), bounds_of(param));
  return &text;
}

const std::string* check_form(const Param& param, const std::string& text, const Refusal& refuse) {
  if (!is_value_of(param.type, text))
    return refuse("must be " + std::string(form_of(param.type)), bounds_of(param));
  if (param.upper && compare_values(param.type, text, *param.upper) > 0)
    return refuse("may be at most " + *param.upper, bounds_of(param));
  if (param.lower && compare_values(param.type, text, *param.lower) < 0)
    return refuse("must be at least " + *param.lower, bounds_of(param));
  return &text;
}

const std::string* check_string(const Param& param, const std::string& text, const Refusal& refuse) {
  if (param.max_length) {
    const auto most = static_cast<std::size_t>(*param.max_length);
    // A text has at least as many bytes as characters.
    if (text.size() > most && catalog::count_characters(text) > most)
      return refuse_size(refuse, most, "characters");
  }
  const std::string* const known = resolve(param, text);
  return known != nullptr ? known : &text;
}

}  // namespace

const std::string* check_value(const Param& param, const std::string& text, Problems& problems) {
  const Refusal refuse{param, problems};
  switch (param.type) {
    case ParamType::string:
      return check_string(param, text, refuse);
    case ParamType::enumeration: {
      const std::string* const known = resolve(param, text);
      return known != nullptr ? known : refuse("must be one of its listed values", allowed_values(param));
    }
    case ParamType::integer:
      return check_integer(param, text, refuse);
    case ParamType::date:
    case ParamType::number:
    case ParamType::boolean:
    case ParamType::timestamp:
      return check_form(param, text, refuse);
  }
  return &text;
}

bool check_list(const Param& param, SentList& list, Problems& problems) {
  const Refusal refuse{param, problems};
  const auto most = static_cast<std::size_t>(*param.list_max);
  auto values = values_of(list.sent, most);
  if (!values) {
    refuse("is not a list: separate values by commas, and put one with a comma or a quote in double quotes");
    return false;
  }
  list.values = std::move(*values);
  if (list.values.size() > most) {
    refuse_size(refuse, most, "values");
    return false;
  }
  bool valid = true;
  for (std::string& value : list.values) {
    const std::string* const checked = check_value(param, value, problems);
    valid = valid && checked != nullptr;
    if (checked != nullptr && checked != &value) value = std::string(*checked);
  }
  return valid;
}

}  // namespace offloader::query
