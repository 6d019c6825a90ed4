#include "param_check.h"

#include <algorithm>

#include "list_syntax.h"
#include "offloader/base/timestamp.h"
#include "offloader/catalog/param_value.h"

namespace offloader::query {
namespace {

using catalog::Param;
using catalog::ParamType;

tl::unexpected<Error> refuse(const Param& param, std::string_view what) {
  return fail(ErrorCode::invalid_param, in_quotes(param.name) + " " + std::string(what));
}

const std::string* look_up(const Param& param, const std::string& text) {
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

Result<void> check_integer(const Param& param, const std::string& text) {
  const auto number = catalog::parse_integer(text);
  if (!number) return refuse(param, "must be an integer");
  if (param.max && *number > *param.max) return refuse(param, "may be at most " + std::to_string(*param.max));
  if (param.min && *number < *param.min)
    return refuse(param, "must be at least " + std::to_string(*param.min));
  return {};
}

// Of numbers, dates and timestamps.
Result<void> check_bounds(const Param& param, const std::string& text) {
  if (param.upper && compare_values(param.type, text, *param.upper) > 0)
    return refuse(param, "may be at most " + *param.upper);
  if (param.lower && compare_values(param.type, text, *param.lower) < 0)
    return refuse(param, "must be at least " + *param.lower);
  return {};
}

Result<void> check_length(const Param& param, const std::string& text) {
  if (!param.max_length) return {};
  const auto most = static_cast<std::size_t>(*param.max_length);
  // A text has at least as many bytes as characters.
  if (text.size() <= most || catalog::count_characters(text) <= most) return {};
  return refuse(param, "may have at most " + std::to_string(most) + " characters");
}

Result<void> check_form(const Param& param, const std::string& text) {
  if (is_value_of(param.type, text)) return check_bounds(param, text);
  return refuse(param, "must be " + std::string(form_of(param.type)));
}

}  // namespace

std::string in_quotes(std::string_view name) {
  return "param `" + std::string(name) + "`";
}

Result<const std::string*> check_value(const Param& param, const std::string& text) {
  Result<void> checked;
  switch (param.type) {
    case ParamType::string:
      if (checked = check_length(param, text); !checked) break;
      if (const std::string* known = resolve(param, text)) return known;
      break;
    case ParamType::enumeration:
      if (const std::string* known = resolve(param, text)) return known;
      return refuse(param, "must be one of its listed values");
    case ParamType::integer:
      checked = check_integer(param, text);
      break;
    case ParamType::date:
    case ParamType::number:
    case ParamType::boolean:
    case ParamType::timestamp:
      checked = check_form(param, text);
      break;
  }
  if (!checked) return fail(std::move(checked.error()));
  return &text;
}

Result<std::vector<std::string>> check_list(const Param& param, std::span<const std::string* const> texts) {
  const auto most = static_cast<std::size_t>(*param.list_max);
  std::vector<std::string> values;
  if (texts.size() == 1) {
    auto split = split_list(*texts.front(), most);
    if (!split)
      return refuse(param,
                    "is not a list: separate values by commas, and put one with a comma or a "
                    "quote in double quotes");
    values = std::move(*split);
  } else {
    for (const std::string* const text : texts) values.push_back(*text);
  }
  if (values.size() > most) return refuse(param, "may have at most " + std::to_string(most) + " values");
  for (std::string& value : values) {
    const auto checked = check_value(param, value);
    if (!checked) return fail(checked.error());
    if (*checked != &value) value = std::string(**checked);
  }
  return values;
}

}  // namespace offloader::query
