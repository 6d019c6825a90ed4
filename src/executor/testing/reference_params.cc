#include "reference_params.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "offloader/base/timestamp.h"
#include "reference_results.h"

namespace offloader::executor::testing::model {
namespace {

std::optional<std::int64_t> to_integer(const std::string& text) {
  if (text.empty() || text == "-") return std::nullopt;
  const std::size_t digits = text[0] == '-' ? 1 : 0;
  if (text.find_first_not_of("0123456789", digits) != std::string::npos) return std::nullopt;
  if (text.size() > digits + 1 && text[digits] == '0') return std::nullopt;
  if (text == "-0") return std::nullopt;
  errno = 0;
  const long long value = std::strtoll(text.c_str(), nullptr, 10);
  if (errno != 0) return std::nullopt;
  return value;
}

// Returns the value of an enum or string after aliases; nullopt if the enum does not list it.
std::optional<std::string> resolve(const Param& param, std::string value) {
  const auto attempt = [&](const std::string& candidate) -> std::optional<std::string> {
    for (const auto& [alias, target] : param.aliases) {
      if (alias == candidate) return target;
    }
    if (param.type == "enum" &&
        std::find(param.values.begin(), param.values.end(), candidate) != param.values.end())
      return candidate;
    return std::nullopt;
  };
  if (const auto found = attempt(value)) return found;
  if (!value.empty() && value.back() == ' ') {
    std::string plus = value;
    plus.back() = '+';
    if (const auto found = attempt(plus)) return found;
  }
  if (param.type == "string") return value;
  return std::nullopt;
}

bool is_decimal(const std::string& text) {
  const std::size_t start = text.starts_with('-') ? 1 : 0;
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string whole = text.substr(start, point - std::min(start, point));
  const auto digits = [](const std::string& part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
  };
  if (!digits(whole) || (whole.size() > 1 && whole[0] == '0')) return false;
  return point == text.size() || digits(text.substr(point + 1));
}

bool is_instant(const std::string& text) {
  if (text.size() < 19 || !parse_timestamp(text) || text[16] != ':') return false;
  const std::size_t zone = text.find_first_not_of("0123456789.", 19);
  if (text.size() > 19 && text[19] != '.' && zone != 19) return false;
  return zone == std::string::npos || text.substr(zone) == "Z" || text.size() == zone + 6;
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Returns one value of a param as it is effective; nullopt if it is invalid.
std::optional<std::string> effective(const Param& param, const std::string& value) {
  if (param.type == "integer") {
    const auto number = to_integer(value);
    if (!number || (param.max && *number > *param.max)) return std::nullopt;
    if (param.min && *number < *to_integer(*param.min)) return std::nullopt;
    return value;
  }
  if (param.type == "number") {
    if (!is_decimal(value)) return std::nullopt;
    if (param.upper && compare_decimals(value, *param.upper) > 0) return std::nullopt;
    if (param.min && compare_decimals(value, *param.min) < 0) return std::nullopt;
    return value;
  }
  if (param.type == "boolean") {
    if (value != "true" && value != "false" && value != "1" && value != "0") return std::nullopt;
    return value;
  }
  if (param.type == "date" || param.type == "timestamp") {
    if (param.type == "date" ? !parse_date(value) : !is_instant(value)) return std::nullopt;
    const auto at = *parse_timestamp(value);
    if (param.upper && at > *parse_timestamp(*param.upper)) return std::nullopt;
    if (param.min && at < *parse_timestamp(*param.min)) return std::nullopt;
    return value;
  }
  if (param.max_length && characters(value) > *param.max_length) return std::nullopt;
  return resolve(param, value);
}

// Splits a list as consumer-api.md says; nullopt if its quotes are wrong.
std::optional<std::vector<std::string>> split(const std::string& text) {
  std::vector<std::string> values;
  if (text.empty()) return values;
  enum class At { start, plain, quoted, closed } at = At::start;
  std::string value;
  for (const char c : text + ",") {
    switch (at) {
      case At::start:
      case At::plain:
        if (c == ',') {
          values.push_back(std::exchange(value, {}));
          at = At::start;
        } else if (c != '"') {
          value.push_back(c);
          at = At::plain;
        } else if (at == At::start) {
          at = At::quoted;
        } else {
          return std::nullopt;
        }
        break;
      case At::quoted:
        if (c == '"') {
          at = At::closed;
        } else {
          value.push_back(c);
        }
        break;
      case At::closed:
        if (c == ',') {
          values.push_back(std::exchange(value, {}));
          at = At::start;
        } else if (c == '"') {
          value.push_back(c);
          at = At::quoted;
        } else {
          return std::nullopt;
        }
        break;
    }
  }
  return at == At::start ? std::optional(values) : std::nullopt;
}

// Returns the values of a default.
std::optional<std::vector<std::string>> default_of(const Param& param) {
  if (param.days_before) {
    std::string text;
    append_date(text, kWatermark - *param.days_before);
    if (param.type == "timestamp") text += "T00:00:00";
    return std::vector{text};
  }
  std::vector<std::string> values = param.default_list;
  if (param.default_value) values.push_back(*param.default_value);
  if (values.empty()) return std::nullopt;
  for (std::string& value : values) {
    if (param.type == "enum" || param.type == "string") value = resolve(param, value).value_or(value);
  }
  return values;
}

}  // namespace

std::optional<Asked> read_params(const Table& table, const Endpoint& endpoint, const Query& query) {
  std::set<std::string> names;
  std::map<std::size_t, std::vector<std::string>> sent_values;
  std::map<std::string, std::vector<std::string>> lists;
  Asked asked{.limit = endpoint.default_limit, .shown = std::vector<bool>(endpoint.selects.size(), true)};
  for (const auto& [name, value] : query) {
    const auto at = std::find_if(endpoint.params.begin(), endpoint.params.end(),
                                 [&](const Param& p) { return p.name == name; });
    const bool list = offers(endpoint, name) || (at != endpoint.params.end() && at->list_max);
    if (!names.insert(name).second && !list) return std::nullopt;
    if (name == "limit" || name == "offset") {
      const auto number = to_integer(value);
      if (!number || *number < (name == "limit" ? 1 : 0)) return std::nullopt;
      if (name == "limit" && *number > endpoint.max_limit) return std::nullopt;
      if (name == "offset" && endpoint.max_offset && *number > *endpoint.max_offset) return std::nullopt;
      (name == "limit" ? asked.limit : asked.offset) = *number;
      continue;
    }
    if (offers(endpoint, name)) {
      lists[name].push_back(value);
      continue;
    }
    if (at == endpoint.params.end()) return std::nullopt;
    sent_values[static_cast<std::size_t>(at - endpoint.params.begin())].push_back(value);
  }
  for (auto& [name, sent] : lists) {
    if (sent.size() > 1) continue;
    const auto items = split(sent.front());
    if (!items) return std::nullopt;
    sent = *items;
  }
  if (const auto columns = lists.find("columns"); columns != lists.end()) {
    if (columns->second.empty()) return std::nullopt;
    asked.shown.assign(endpoint.selects.size(), false);
    for (const std::string& column : columns->second) {
      const auto select = select_named(endpoint, column);
      if (!select || asked.shown[*select]) return std::nullopt;
      asked.shown[*select] = true;
    }
  }
  const auto choices = read_choices(endpoint, lists);
  if (!choices) return std::nullopt;
  asked.choices = *choices;
  for (std::size_t i = 0; i < endpoint.selects.size(); ++i) {
    if (has_select(endpoint, asked.choices, i)) continue;
    if (names.contains("columns") && asked.shown[i]) return std::nullopt;
    asked.shown[i] = false;
  }
  std::map<std::size_t, std::vector<std::string>> values;
  for (auto& [index, sent] : sent_values) {
    const Param& param = endpoint.params[index];
    if (param.list_max) {
      if (sent.size() == 1) {
        const auto items = split(sent.front());
        if (!items) return std::nullopt;
        sent = *items;
      }
      if (sent.size() > *param.list_max) return std::nullopt;
    }
    values[index];
    for (const std::string& value : sent) {
      const auto one = effective(param, value);
      if (!one) return std::nullopt;
      values[index].push_back(*one);
    }
  }
  if (!endpoint.combinations.empty()) {
    std::vector<std::size_t> sent;
    for (const auto& [param, value] : values) sent.push_back(param);
    if (std::find(endpoint.combinations.begin(), endpoint.combinations.end(), sent) ==
        endpoint.combinations.end())
      return std::nullopt;
  }
  for (std::size_t i = 0; i < endpoint.params.size(); ++i) {
    if (values.contains(i)) continue;
    if (endpoint.params[i].required) return std::nullopt;
    if (const auto made = default_of(endpoint.params[i])) values[i] = *made;
  }

  std::optional<std::size_t> bucketed;
  for (const Select& select : endpoint.selects) {
    if (!select.bucket) continue;
    const auto chosen = [&](const std::optional<std::size_t>& param,
                            const std::vector<std::string>& constant) {
      const auto value = param ? values.find(*param) : values.end();
      return value == values.end() ? (param ? "UTC" : constant.front()) : value->second.front();
    };
    bucketed = select.column;
    asked.buckets.emplace(*select.bucket, table.columns[select.column],
                          chosen(select.bucket->grain_param, select.bucket->grains),
                          chosen(select.bucket->zone_param, select.bucket->zones));
    asked.days = [column = select.column, buckets = *asked.buckets](std::size_t of) -> DayOf {
      if (of != column) return day_in_utc;
      return [buckets](std::int64_t micros) { return buckets.day(micros); };
    };
  }
  // Adds the condition of a filter that applies. Returns false if the request is invalid.
  const auto add = [&](const Filter& filter, const Column& column, bool of_row,
                       std::vector<Condition>& conditions) {
    const bool instant = column.type == Type::timestamp || column.type == Type::timestamptz;
    const bool constant = !filter.constants.empty();
    const auto value = values.find(filter.param);
    if (!constant && value == values.end()) return true;
    const std::vector<std::string>& texts = constant ? filter.constants : value->second;
    std::string type = constant ? "string" : endpoint.params[filter.param].type;
    if (constant && column.type == Type::timestamp && parse_date(texts.front())) type = "date";
    const bool bounds = of_row && filter.column == bucketed && filter.any == 0;
    if (bounds && filter.op != "is_null" && texts.size() == 1)
      asked.buckets->bound(filter.op, texts.front(), instant && type == "date");
    auto made = condition_of(filter, column, type, texts, of_row ? asked.days(filter.column) : day_in_utc);
    if (made) conditions.push_back(std::move(*made));
    return made.has_value();
  };
  for (const Filter& filter : endpoint.filters) {
    if (!add(filter, table.columns[filter.column], true, asked.conditions)) return std::nullopt;
  }
  for (const Filter& filter : endpoint.having) {
    const Column column = result_column(table, endpoint, endpoint.selects[filter.column]);
    if (!add(filter, column, false, asked.having)) return std::nullopt;
  }
  return asked;
}

}  // namespace offloader::executor::testing::model
