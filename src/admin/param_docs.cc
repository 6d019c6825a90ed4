#include "param_docs.h"

#include <algorithm>
#include <cstdlib>

#include "offloader/base/ascii.h"

namespace offloader::admin {
std::string example_value(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
                          std::size_t index) {
  const catalog::Param& param = endpoint.params[index];
  if (param.default_value) return *param.default_value;
  switch (param.type) {
    case catalog::ParamType::enumeration:
      return param.enum_values.front();
    case catalog::ParamType::integer:
      return std::to_string(std::min<std::int64_t>(param.max.value_or(42), 42));
    case catalog::ParamType::date:
      return std::string(catalog::row_of(catalog::ColumnType::date).example);
    case catalog::ParamType::string:
      break;
  }
  for (const catalog::Filter& filter : endpoint.filters) {
    if (filter.param != index) continue;
    const catalog::ColumnType column = dataset.schema[filter.column].type;
    if (column != catalog::ColumnType::varchar) return std::string(catalog::row_of(column).example);
  }
  return std::string(catalog::row_of(catalog::ColumnType::varchar).example);
}

Json default_json(const catalog::Param& param) {
  if (!param.default_value) return nullptr;
  if (param.type == catalog::ParamType::integer)
    return std::strtoll(param.default_value->c_str(), nullptr, 10);
  return *param.default_value;
}

Json param_schema(const catalog::Param& param) {
  Json schema = json_schema(catalog::row_of(param.type).json);
  if (param.type == catalog::ParamType::enumeration) {
    // Aliases are accepted as well as the values they map to.
    Json values = param.enum_values;
    for (const auto& [alias, value] : param.aliases) values.push_back(alias);
    schema["enum"] = std::move(values);
  }
  if (param.max) schema["maximum"] = *param.max;
  if (param.default_value) schema["default"] = default_json(param);
  return schema;
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
