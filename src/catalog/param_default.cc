#include "param_default.h"

#include <charconv>

#include "offloader/catalog/decimal_text.h"
#include "offloader/catalog/param_value.h"
#include "param_limits.h"

namespace offloader::catalog {
namespace {

// Parses an integer, quoted or not.
std::optional<std::int64_t> integer_of(const yaml::Node& node) {
  std::string_view text = node.text;
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::string fault_of_integer(const yaml::Node& node, std::string_view what, const std::string& shown,
                             std::string& canonical) {
  const bool text = node.kind == yaml::Kind::string;
  if (node.kind != yaml::Kind::integer && !text) return std::string(what) + " is not an integer";
  const auto number = integer_of(node);
  if (!number) {
    return shown + (node.kind == yaml::Kind::integer ? " does not fit in 64 bits" : " is not an integer");
  }
  canonical = std::to_string(*number);
  return {};
}

std::string fault_of_number(const yaml::Node& node, std::string_view what, const std::string& shown,
                            std::string& canonical) {
  const bool scalar =
      node.kind == yaml::Kind::integer || node.kind == yaml::Kind::number || node.kind == yaml::Kind::string;
  const auto number = scalar ? parse_decimal(node.text, DecimalForm::lenient) : std::nullopt;
  if (!number) return (scalar ? shown : std::string(what)) + " is not a decimal number";
  canonical = to_text(*number);
  return {};
}

// Returns what is wrong with a default or an example, which `what` names. Returns an empty text if it is
// valid and sets `canonical`.
std::string fault_of(const Value& at, const Param& param, const Words& words, std::string_view what,
                     std::string& canonical) {
  const yaml::Node& node = *at.node;
  const bool text = node.kind == yaml::Kind::string;
  const std::string shown = at.source->quote(node.text);
  canonical = node.text;
  switch (param.type) {
    case ParamType::integer:
      if (auto fault = fault_of_integer(node, what, shown, canonical); !fault.empty()) return fault;
      break;
    case ParamType::number:
      if (auto fault = fault_of_number(node, what, shown, canonical); !fault.empty()) return fault;
      break;
    case ParamType::boolean: {
      const auto flag = parse_flag(node.text, true);
      if (!flag) return (text ? shown : std::string(what)) + " is not true or false";
      canonical = *flag ? "true" : "false";
      break;
    }
    case ParamType::enumeration:
      return words.contains(node.text) ? std::string() : shown + " is not one of the enum's values";
    case ParamType::date:
    case ParamType::timestamp:
    case ParamType::string:
      if (!text) return std::string(what) + " is not text: put it in quotes";
      if (param.type == ParamType::date && !is_value_of(ParamType::date, node.text)) {
        return shown + " is not a date of the form YYYY-MM-DD";
      }
      if (!is_value_of(param.type, node.text)) return shown + " is not " + std::string(form_of(param.type));
      break;
  }
  return broken_limit(param, canonical, shown);
}

// Reads the items of a list's default or example. Returns nullopt, and reports `code`, if there is a fault.
std::optional<std::vector<std::string>> read_items(const Value& at, const Param& param, const Words& words,
                                                   std::string_view what, std::string_view code) {
  if (at.node->kind != yaml::Kind::sequence) {
    at.report(code, std::string(what) + " of a list must be a list", "write it as `[a, b]`");
    return std::nullopt;
  }
  std::vector<std::string> values;
  bool good = true;
  for (const Value& item : as_list(at)) {
    std::string canonical;
    const bool scalar = item.node->kind != yaml::Kind::sequence && item.node->kind != yaml::Kind::map;
    const std::string fault =
        scalar ? fault_of(item, param, words, "the value", canonical) : "the value is not a scalar";
    if (!fault.empty()) {
      item.report(code, fault);
      good = false;
    }
    values.push_back(std::move(canonical));
  }
  if (values.size() > static_cast<std::size_t>(*param.list_max)) {
    at.report(code, std::string(what) + " has more values than the list's `max`");
    good = false;
  }
  return good ? std::optional(std::move(values)) : std::nullopt;
}

}  // namespace

void read_default(const Fields& fields, ParamDraft& draft, const Words& words) {
  Param& param = draft.param;
  const Value at = fields.written("default");  // written(), because "" is a valid default
  if (!at.present() || at.is_null()) return;
  if (param.required) {
    at.report("invalid_default", "the param is required, so its default is never used",
              "remove `required` or `default`", Severity::warning);
    return;
  }
  if (!draft.type_known) return;
  if (param.list_max) {
    param.default_list = read_items(at, param, words, "the default", "invalid_default");
    return;
  }
  const bool dated = param.type == ParamType::date || param.type == ParamType::timestamp;
  if (dated && at.node->kind == yaml::Kind::string && looks_relative(at.node->text)) {
    param.relative_default = parse_relative_date(at.node->text);
    if (param.relative_default) return;
    at.report(
        "invalid_default", at.source->quote(at.node->text) + " is not a relative date",
        "write `today` or `watermark`, or one of them with + or -, a number, and d, w, mo or y, such as "
        "`today-29d`");
    return;
  }
  std::string canonical;
  const std::string fault = fault_of(at, param, words, "the default", canonical);
  if (!fault.empty()) {
    at.report("invalid_default", fault);
  } else {
    param.default_value = std::move(canonical);
  }
}

void read_example(const Fields& fields, ParamDraft& draft, const Words& words) {
  Param& param = draft.param;
  const Value at = fields.at("example");
  if (!at.present() || !draft.type_known) return;
  if (param.list_max) {
    if (auto values = read_items(at, param, words, "the example", "invalid_value"))
      param.example = std::move(*values);
    return;
  }
  std::string canonical;
  const std::string fault = fault_of(at, param, words, "the example", canonical);
  if (!fault.empty()) {
    at.report("invalid_value", fault);
  } else {
    param.example = {std::move(canonical)};
  }
}

}  // namespace offloader::catalog
