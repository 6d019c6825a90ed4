#include "param_limits.h"

#include <limits>
#include <vector>

#include "offloader/catalog/decimal_text.h"
#include "offloader/catalog/param_value.h"

namespace offloader::catalog {
namespace {

using Int64 = std::numeric_limits<std::int64_t>;

// Requires: the param's type takes bounds. Reads a number, date or timestamp in its canonical form.
std::optional<std::string> read_bound(const Value& at, ParamType type) {
  const auto text = as_scalar_text(at);
  if (!text) return std::nullopt;
  if (!is_value_of(type, *text)) {
    at.report("invalid_value", at.source->quote(*text) + " is not " + std::string(form_of(type)));
    return std::nullopt;
  }
  if (type != ParamType::number) return text;
  return to_text(*parse_decimal(*text, DecimalForm::strict));
}

void read_bounds(const Fields& fields, ParamDraft& draft) {
  Param& param = draft.param;
  for (const std::string_view name : {"min", "max"}) {
    const Value at = fields.at(name);
    if (!at.present()) continue;
    if (draft.type_known && !row_of(param.type).bounded) {
      at.report("invalid_value",
                "`" + std::string(name) + "` is allowed only for params of type " + bounded_types(),
                "remove it");
    } else if (!draft.type_known || param.type == ParamType::integer) {
      (name == "min" ? param.min : param.max) = as_integer(at, Int64::min(), Int64::max());
    } else {
      (name == "min" ? param.lower : param.upper) = read_bound(at, param.type);
    }
  }
  const bool crossed =
      (param.min && param.max && *param.min > *param.max) ||
      (param.lower && param.upper && compare_values(param.type, *param.lower, *param.upper) > 0);
  if (crossed) fields.at("min").report("invalid_value", "`min` is greater than `max`", "exchange them");
}

void read_max_length(const Fields& fields, ParamDraft& draft) {
  const Value at = fields.at("max_length");
  if (!at.present()) return;
  if (draft.type_known && draft.param.type != ParamType::string) {
    at.report("invalid_value", "`max_length` is allowed only for params of type string", "remove it");
    return;
  }
  draft.param.max_length = as_integer(at, 1, Int64::max());
}

void read_list(const Fields& fields, ParamDraft& draft) {
  // written(), because an empty mapping is a list without its `max`, not a param without a list.
  const Value at = fields.written("list");
  if (!at.present() || at.is_null()) return;
  const Fields list(at, kListFields, "write `list: {max: 100}`");
  if (!list.readable()) return;
  draft.param.list_max = list.integer("max", Need::required, 1, kMaxListValues).value_or(kMaxListValues);
}

}  // namespace

std::string bounded_types() {
  std::vector<std::string_view> names;
  for (const ParamTypeRow& row : kParamTypes) {
    if (row.bounded) names.push_back(row.name);
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

void read_limits(const Fields& fields, ParamDraft& draft) {
  read_list(fields, draft);
  read_bounds(fields, draft);
  read_max_length(fields, draft);
}

std::string broken_limit(const Param& param, std::string_view text, const std::string& shown) {
  if (param.type == ParamType::integer) {
    const std::int64_t number = parse_integer(text).value_or(0);
    if (param.max && number > *param.max) return shown + " is greater than `max`";
    if (param.min && number < *param.min) return shown + " is less than `min`";
  }
  if (param.upper && compare_values(param.type, text, *param.upper) > 0)
    return shown + " is greater than `max`";
  if (param.lower && compare_values(param.type, text, *param.lower) < 0) return shown + " is less than `min`";
  if (param.max_length && count_characters(text) > static_cast<std::size_t>(*param.max_length)) {
    return shown + " is longer than `max_length`";
  }
  return {};
}

}  // namespace offloader::catalog
