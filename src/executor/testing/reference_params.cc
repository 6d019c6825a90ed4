#include "reference_params.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "offloader/base/timestamp.h"

namespace offloader::executor::testing::model {
namespace {

constexpr std::int64_t kDay = 86'400'000'000;

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

// Compares by text, digit by digit: the literal's digits, brought to the column's scale by cutting or
// padding.
std::optional<std::vector<Bound>> bind_decimal(const Filter& filter, const Column& column, std::string text) {
  const auto never = [&] { return std::vector<Bound>{{filter.column, "never", {}}}; };
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.erase(0, 1);
  const std::size_t point = text.find('.');
  std::string whole = text.substr(0, point);
  std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
  const bool plain = !whole.empty() && (point == std::string::npos || !fraction.empty()) &&
                     (whole + fraction).find_first_not_of("0123456789") == std::string::npos;
  if (!plain) {
    if (filter.op != "eq") return std::nullopt;
    return never();
  }
  fraction.resize(std::max(fraction.size(), static_cast<std::size_t>(column.scale)), '0');
  const std::string rest = fraction.substr(static_cast<std::size_t>(column.scale));
  const bool exact = rest.find_first_not_of('0') == std::string::npos;
  std::string digits = whole + fraction.substr(0, static_cast<std::size_t>(column.scale));
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  const bool beyond = digits.size() > static_cast<std::size_t>(column.precision);
  if (beyond) {
    // Every value of the column is on one side of it.
    const bool all = filter.op == (negative ? "gte" : "lte");
    if (!all) return never();
    Int128 least = 1;
    for (int i = 0; i < column.precision; ++i) least *= 10;
    return std::vector<Bound>{{filter.column, filter.op, Decimal{negative ? 1 - least : least - 1}}};
  }
  Int128 unscaled = 0;
  for (const char digit : digits) unscaled = unscaled * 10 + (digit - '0');
  if (negative) unscaled = -unscaled;
  if (exact) return std::vector<Bound>{{filter.column, filter.op, Decimal{unscaled}}};
  if (filter.op == "eq") return never();
  // Cutting has moved the number towards zero.
  if (negative && filter.op == "lte") --unscaled;
  if (!negative && filter.op == "gte") ++unscaled;
  return std::vector<Bound>{{filter.column, filter.op, Decimal{unscaled}}};
}

// Returns the conditions that a filter makes of a param's effective value; nullopt if the request is invalid.
std::optional<std::vector<Bound>> bind(const Filter& filter, const Column& column, const Param& param,
                                       const std::string& value) {
  const auto one = [&](Cell cell) { return std::vector<Bound>{{filter.column, filter.op, std::move(cell)}}; };
  const auto unreadable = [&]() -> std::optional<std::vector<Bound>> {
    if (filter.op != "eq") return std::nullopt;
    return std::vector<Bound>{{filter.column, "never", {}}};
  };
  if (param.type == "date") {
    const std::int64_t days = *parse_date(value);
    if (column.type == Type::date) return one(days);
    if (column.type == Type::varchar) return one(value);
    const std::int64_t midnight = days * kDay;
    if (filter.op == "gte") return one(midnight);
    if (filter.op == "lte") return std::vector<Bound>{{filter.column, "lt", midnight + kDay}};
    return std::vector<Bound>{{filter.column, "gte", midnight}, {filter.column, "lt", midnight + kDay}};
  }
  if (param.type == "integer") {
    if (column.type == Type::varchar) return one(value);
    if (column.type == Type::decimal) return bind_decimal(filter, column, value);
    const std::int64_t integer = *to_integer(value);
    if (column.type == Type::float64) return one(static_cast<double>(integer));
    return one(integer);
  }
  switch (column.type) {
    case Type::varchar:
      return one(value);
    case Type::boolean:
      if (value == "true") return one(true);
      if (value == "false") return one(false);
      return unreadable();
    case Type::integer:
    case Type::bigint: {
      const auto integer = to_integer(value);
      return integer ? one(*integer) : unreadable();
    }
    case Type::float64: {
      char* end = nullptr;
      const double number = std::strtod(value.c_str(), &end);
      const bool plain =
          !value.empty() && *end == '\0' && value.find_first_not_of("0123456789+-.eE") == std::string::npos;
      return plain && std::isfinite(number) ? one(number) : unreadable();
    }
    case Type::date: {
      const auto days = parse_date(value);
      return days ? one(static_cast<std::int64_t>(*days)) : unreadable();
    }
    case Type::decimal:
      return bind_decimal(filter, column, value);
    case Type::uuid: {
      std::string lower = value;
      std::transform(lower.begin(), lower.end(), lower.begin(),
                     [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
      bool valid = lower.size() == 36;
      for (std::size_t i = 0; valid && i < lower.size(); ++i) {
        const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        valid = std::string(hyphen ? "-" : "0123456789abcdef").find(lower[i]) != std::string::npos;
      }
      return valid ? one(lower) : unreadable();
    }
    case Type::timestamptz:
    case Type::timestamp: {
      const auto micros = parse_timestamp(value);
      return micros ? one(*micros) : unreadable();
    }
    case Type::json:
      return std::nullopt;
  }
  return std::nullopt;
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

}  // namespace

std::optional<Asked> read_params(const Table& table, const Endpoint& endpoint, const Query& query) {
  std::set<std::string> names;
  std::map<std::size_t, std::string> values;
  Asked asked{.limit = endpoint.default_limit, .shown = std::vector<bool>(endpoint.selects.size(), true)};
  for (const auto& [name, value] : query) {
    if (!names.insert(name).second) return std::nullopt;
    if (name == "limit" || name == "offset") {
      const auto number = to_integer(value);
      if (!number || *number < (name == "limit" ? 1 : 0)) return std::nullopt;
      if (name == "limit" && *number > endpoint.max_limit) return std::nullopt;
      (name == "limit" ? asked.limit : asked.offset) = *number;
      continue;
    }
    if (name == "columns") {
      asked.shown.assign(endpoint.selects.size(), false);
      std::string rest = value + ",";
      while (!rest.empty()) {
        const std::string column = rest.substr(0, rest.find(','));
        rest.erase(0, column.size() + 1);
        const auto at = std::find_if(endpoint.selects.begin(), endpoint.selects.end(),
                                     [&](const Select& s) { return s.as == column; });
        if (at == endpoint.selects.end()) return std::nullopt;
        asked.shown[static_cast<std::size_t>(at - endpoint.selects.begin())] = true;
      }
      continue;
    }
    const auto at = std::find_if(endpoint.params.begin(), endpoint.params.end(),
                                 [&](const Param& p) { return p.name == name; });
    if (at == endpoint.params.end()) return std::nullopt;
    std::string effective = value;
    if (at->type == "integer") {
      const auto number = to_integer(value);
      if (!number || (at->max && *number > *at->max)) return std::nullopt;
    } else if (at->type == "date") {
      if (!parse_date(value)) return std::nullopt;
    } else {
      const auto resolved = resolve(*at, value);
      if (!resolved) return std::nullopt;
      effective = *resolved;
    }
    values[static_cast<std::size_t>(at - endpoint.params.begin())] = effective;
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
    if (endpoint.params[i].default_value) {
      values[i] = endpoint.params[i].type == "integer" || endpoint.params[i].type == "date"
                      ? *endpoint.params[i].default_value
                      : resolve(endpoint.params[i], *endpoint.params[i].default_value)
                            .value_or(*endpoint.params[i].default_value);
    }
  }

  for (const Filter& filter : endpoint.filters) {
    const auto value = values.find(filter.param);
    if (value == values.end()) continue;
    const auto made =
        bind(filter, table.columns[filter.column], endpoint.params[filter.param], value->second);
    if (!made) return std::nullopt;
    asked.bounds.insert(asked.bounds.end(), made->begin(), made->end());
  }
  return asked;
}

}  // namespace offloader::executor::testing::model
