#include "param_docs.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "offloader/base/ascii.h"
#include "offloader/catalog/param_value.h"
#include "offloader/query/params.h"

namespace offloader::admin {
namespace {

using catalog::Param;
using catalog::ParamType;

// Moves a value of the param's type into its bounds.
std::string within(const Param& param, std::string value) {
  if (param.upper && compare_values(param.type, value, *param.upper) > 0) value = *param.upper;
  if (param.lower && compare_values(param.type, value, *param.lower) < 0) value = *param.lower;
  return value;
}

// Returns a text that can be read as the type of each column that the param is compared with.
std::string example_text(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
                         std::size_t index) {
  const auto of = [](catalog::ColumnType type) { return std::string(catalog::row_of(type).example); };
  for (const catalog::Filter& filter : endpoint.filters) {
    if (!filter.has_param() || filter.param != index) continue;
    const catalog::ColumnType column = dataset.schema[filter.column].type;
    if (column != catalog::ColumnType::varchar) return of(column);
  }
  for (const catalog::Filter& filter : endpoint.having) {
    if (!filter.has_param() || filter.param != index) continue;
    const catalog::ColumnType type = catalog::result_type(endpoint.select[filter.column], dataset);
    if (type != catalog::ColumnType::varchar) return of(type);
  }
  const auto most = endpoint.params[index].max_length;
  std::string text = of(catalog::ColumnType::varchar);
  if (most && static_cast<std::size_t>(*most) < text.size()) text.resize(static_cast<std::size_t>(*most));
  return text;
}

// Returns the values as the text of a list.
std::string list_text(const std::vector<std::string>& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += ',';
    query::append_list_value(text, values[i], values.size() == 1);
  }
  return text;
}

std::string range_text(const Param& param) {
  const std::string least = param.min ? std::to_string(*param.min) : param.lower.value_or("");
  const std::string most = param.max ? std::to_string(*param.max) : param.upper.value_or("");
  if (!least.empty() && !most.empty()) return "From " + least + " to " + most + ".";
  if (!least.empty()) return "At least " + least + ".";
  return most.empty() ? "" : "At most " + most + ".";
}

Json item_schema(const Param& param) {
  Json schema = json_schema(catalog::row_of(param.type).json);
  if (param.type == ParamType::enumeration) {
    // Aliases are accepted as well as the values they map to.
    Json values = param.enum_values;
    for (const auto& [alias, value] : param.aliases) values.push_back(alias);
    schema["enum"] = std::move(values);
  }
  if (param.min) schema["minimum"] = *param.min;
  if (param.max) schema["maximum"] = *param.max;
  if (param.type == ParamType::number) {
    if (param.lower) schema["minimum"] = typed_json(param.type, *param.lower);
    if (param.upper) schema["maximum"] = typed_json(param.type, *param.upper);
  }
  if (param.max_length) schema["maxLength"] = *param.max_length;
  return schema;
}

// The values of an example as they are sent.
std::vector<std::string> example_values(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
                                        std::size_t index) {
  const Param& param = endpoint.params[index];
  if (!param.example.empty()) return param.example;
  if (param.default_list && !param.default_list->empty()) return *param.default_list;
  if (param.default_value) return {*param.default_value};
  const auto of = [](catalog::ColumnType type) { return std::string(catalog::row_of(type).example); };
  switch (param.type) {
    case ParamType::enumeration:
      return {param.enum_values.front()};
    case ParamType::integer: {
      const std::int64_t most = std::min<std::int64_t>(param.max.value_or(42), 42);
      return {std::to_string(std::max(param.min.value_or(most), most))};
    }
    case ParamType::number:
      return {within(param, of(catalog::ColumnType::float64))};
    case ParamType::boolean:
      return {"true"};
    case ParamType::date:
      return {within(param, of(catalog::ColumnType::date))};
    case ParamType::timestamp:
      return {within(param, of(catalog::ColumnType::timestamp) + "Z")};
    case ParamType::string:
      break;
  }
  return {example_text(endpoint, dataset, index)};
}

}  // namespace

std::string example_value(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
                          std::size_t index) {
  const auto values = example_values(endpoint, dataset, index);
  return endpoint.params[index].list_max ? list_text(values) : values.front();
}

Json typed_json(ParamType type, const std::string& text) {
  switch (type) {
    case ParamType::integer:
      return std::strtoll(text.c_str(), nullptr, 10);
    case ParamType::number:
      return Json::parse(text);
    case ParamType::boolean:
      return text == "true" || text == "1";
    case ParamType::string:
    case ParamType::date:
    case ParamType::timestamp:
    case ParamType::enumeration:
      break;
  }
  return text;
}

Json default_json(const Param& param) {
  if (param.default_list) {
    Json values = Json::array();
    for (const std::string& value : *param.default_list) values.push_back(typed_json(param.type, value));
    return values;
  }
  if (param.relative_default) return to_text(*param.relative_default);
  if (!param.default_value) return nullptr;
  return typed_json(param.type, *param.default_value);
}

void add_details(Json& entry, const Param& param) {
  if (!param.description.empty()) entry["description"] = param.description;
  if (param.min) entry["min"] = *param.min;
  if (param.lower) entry["min"] = typed_json(param.type, *param.lower);
  if (param.upper) entry["max"] = typed_json(param.type, *param.upper);
  if (param.max_length) entry["max_length"] = *param.max_length;
  if (param.list_max) entry["list"] = {{"max", *param.list_max}};
}

Json param_schema(const Param& param) {
  Json schema = item_schema(param);
  if (param.list_max)
    schema = {{"type", "array"}, {"maxItems", *param.list_max}, {"items", std::move(schema)}};
  // A relative default is no value of the type.
  const Json value = param.relative_default ? Json(nullptr) : default_json(param);
  if (!value.is_null()) schema["default"] = value;
  return schema;
}

Json openapi_param(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset, std::size_t index) {
  const Param& param = endpoint.params[index];
  Json one = {{"name", param.name}, {"in", "query"}, {"required", param.required}};
  // JSON Schema has no bounds for dates.
  std::string description = param.description;
  const auto add = [&](const std::string& sentence) {
    if (sentence.empty()) return;
    // The project's description is often a phrase without a full stop.
    if (!description.empty())
      description += std::string_view(".!?").contains(description.back()) ? " " : ". ";
    description += sentence;
  };
  if (param.type == ParamType::date || param.type == ParamType::timestamp) add(range_text(param));
  if (param.relative_default) add("Default: " + to_text(*param.relative_default) + ".");
  if (!description.empty()) one["description"] = description;
  if (param.list_max) {
    one["style"] = "form";
    one["explode"] = false;
  }
  one["schema"] = param_schema(param);
  const auto values = example_values(endpoint, dataset, index);
  if (param.list_max) {
    one["example"] = Json::array();
    for (const std::string& value : values) one["example"].push_back(typed_json(param.type, value));
  } else {
    one["example"] = typed_json(param.type, values.front());
  }
  return one;
}

std::vector<std::size_t> example_params(const catalog::Endpoint& endpoint) {
  const auto covers_required = [&](const std::vector<std::size_t>& set) {
    for (std::size_t i = 0; i < endpoint.params.size(); ++i) {
      if (endpoint.params[i].required && std::find(set.begin(), set.end(), i) == set.end()) return false;
    }
    return true;
  };
  for (const auto& combination : endpoint.combinations) {
    if (covers_required(combination)) return combination;
  }
  std::vector<std::size_t> required;
  for (std::size_t i = 0; i < endpoint.params.size(); ++i) {
    if (endpoint.params[i].required) required.push_back(i);
  }
  return required;
}

Json combinations_json(const catalog::Endpoint& endpoint) {
  Json out = Json::array();
  for (const auto& combination : endpoint.combinations) {
    Json names = Json::array();
    for (const std::size_t i : combination) names.push_back(endpoint.params[i].name);
    out.push_back(std::move(names));
  }
  return out;
}

std::string example_query(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset) {
  std::string out;
  for (const std::size_t i : example_params(endpoint)) {
    out += (out.empty() ? "?" : "&") + endpoint.params[i].name + "=" +
           encode_query_value(example_value(endpoint, dataset, i));
  }
  return out;
}

std::string encode_query_value(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const bool plain = ascii::is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      out.push_back('%');
      ascii::append_hex(out, static_cast<std::uint8_t>(c), ascii::kUpperHex);
    }
  }
  return out;
}

}  // namespace offloader::admin
