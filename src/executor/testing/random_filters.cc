#include "random_filters.h"

#include <fmt/format.h>

#include <algorithm>

#include "value_pools.h"

namespace offloader::executor::testing::model {
namespace {

using Texts = std::vector<std::string>;

bool numeric(Type type) {
  return type == Type::integer || type == Type::bigint || type == Type::float64 || type == Type::decimal;
}

const Texts& operators_of(bool list, Type column) {
  static const Texts kLists = {"in", "not_in"};
  static const Texts kScalar = {"eq", "gte", "lte", "ne", "gt", "lt"};
  static const Texts kText = {"eq", "gte", "lte", "ne", "gt", "lt", "prefix", "contains", "icontains"};
  return list ? kLists : column == Type::varchar ? kText : kScalar;
}

void set_default(Param& param, Random& random) {
  if (param.list_max) {
    param.default_list = {param.type == "enum" ? param.values.back() : random_text(param, random)};
    while (chance(random, 50) && param.default_list.size() < *param.list_max)
      param.default_list.push_back(param.default_list.front());
    return;
  }
  if (param.type == "enum") param.default_value = param.values.back();
  if (param.type == "string") param.default_value = "a";
  if (param.type == "integer") param.default_value = "42";
  if (param.type == "number") param.default_value = "1.5";
  if (param.type == "boolean") param.default_value = "true";
  if (param.type == "date" || param.type == "timestamp") {
    if (chance(random, 50)) {
      param.days_before = static_cast<int>(below(random, 30));
    } else {
      param.default_value = param.type == "date" ? "2026-01-02" : "2026-01-02T06:00:00Z";
    }
  }
}

void set_bounds(Param& param, Random& random) {
  if (!chance(random, 25)) return;
  if (param.type == "integer") param.min = "-7";
  if (param.type == "number") {
    param.min = "-7";
    param.upper = "2147483647.25";
  }
  if (param.type == "date") param.upper = "2026-01-07";
  if (param.type == "timestamp") param.min = "1970-01-01T00:00:00Z";
  if (param.type == "string") param.max_length = 12;
}

// The values of which lists and defaults are made are valid whatever the bounds are.
std::string valid_text(const Param& param, Random& random) {
  if (param.type == "enum") return pick(random, param.values);
  if (param.type == "integer") return pick(random, Texts{"0", "1", "-1", "42", "2", "100"});
  if (param.type == "number") return pick(random, Texts{"0", "1", "1.5", "-1.50", "42.0", "0.1", "2"});
  if (param.type == "boolean") return pick(random, Texts{"true", "false"});
  if (param.type == "date")
    return pick(random, Texts{"1970-01-01", "2026-01-02", "2026-01-01", "2000-02-29"});
  if (param.type == "timestamp")
    return pick(random, Texts{"1970-01-01T06:00:00Z", "2026-01-02T00:00:00", "2026-01-02T12:00:00.0015Z"});
  return pick(random, Texts{"", "a", "alpha", "42", "a,b", "true", "EMERALD+"});
}

}  // namespace

std::string random_text(const Param& param, Random& random) {
  if (param.list_max) return valid_text(param, random);
  if (param.type == "enum") {
    std::string value = chance(random, 10)                             ? "nobody"
                        : !param.aliases.empty() && chance(random, 20) ? param.aliases.front().first
                                                                       : pick(random, param.values);
    if (value == "EMERALD+" && chance(random, 50)) value = "EMERALD ";
    return value;
  }
  if (param.type == "integer") {
    if (chance(random, 8))
      return pick(random, Texts{"", "x", "1.5", "99999999999999999999", "007", "+1", " 1"});
    return fmt::format("{}", pick(random, chance(random, 70) ? kIntegers : kBigs));
  }
  if (param.type == "number") {
    if (chance(random, 8)) return pick(random, Texts{"", "x", "1e3", ".5", "5.", "007", "+1", " 1", "0x1"});
    return pick(random, Texts{"0",
                              "-0.0",
                              "1",
                              "1.5",
                              "-1.5",
                              "0.1",
                              "2.000",
                              "-7.25",
                              "41.999",
                              "42.0001",
                              "2147483647.5",
                              "-2147483648",
                              "9223372036854775807",
                              "9223372036854775807.5",
                              "-9223372036854775808",
                              "-9223372036854775808.5",
                              "99999999999999999999",
                              "-99999999999999999999",
                              "123456.789",
                              "0.0000001"});
  }
  if (param.type == "boolean")
    return pick(random, chance(random, 8) ? Texts{"TRUE", "yes", "", "2"} : Texts{"true", "false", "1", "0"});
  if (param.type == "date") {
    if (chance(random, 8))
      return pick(random, Texts{"2026-02-30", "2026-1-1", "today", "", "2026-01-02T00:00:00"});
    return pick(random, Texts{"1970-01-01", "1969-12-31", "2026-01-01", "2026-01-02", "2026-01-07",
                              "0001-01-01", "2000-02-29", "2025-11-02", "2025-10-05", "2011-12-30"});
  }
  if (param.type == "timestamp") {
    if (chance(random, 8))
      return pick(random, Texts{"2026-01-02", "2026-01-02T24:00:00Z", "x", "", "2026-01-02T06:00:00+0100"});
    return pick(random, Texts{"1970-01-01T00:00:00Z", "1969-12-31T18:00:00.0015Z", "2026-01-02T06:00:00",
                              "2026-01-02T07:00:00+01:00", "2026-01-01T12:00:00.003Z",
                              "2026-01-02T06:00:00.0015001Z", "2026-01-07T18:00:00.001500Z"});
  }
  if (chance(random, 20))
    return pick(random, Texts{"42",
                              "-1",
                              "2026-01-02",
                              "true",
                              "1.0",
                              "0.1",
                              "alias_two",
                              "C ",
                              "1970-01-01T06:00:00",
                              "FALSE",
                              "+007",
                              "99999999999999999999",
                              "Z",
                              "SS",
                              "1970-01-01T07:00:00+01:00",
                              "0.5",
                              "-1.5001",
                              "12.50",
                              "0.499999999999",
                              "99999999999999999999999999999999999999999",
                              "-1e9",
                              "-99999999999999999999999999999999999999.9999999999",
                              "123E4567-E89B-12D3-A456-426614174000",
                              "{123e4567-e89b-12d3-a456-426614174000}"});
  return pick(random, chance(random, 10) ? kUuids : kTexts);
}

Param random_param(std::size_t number, Random& random) {
  static const Texts kTypes = {"string", "integer", "date", "enum", "number", "boolean", "timestamp"};
  Param param;
  param.name = fmt::format("p{}", number);
  param.type = pick(random, kTypes);
  param.required = chance(random, 15);
  if (param.type == "enum") {
    for (const std::string& text : kTexts) {
      if (!text.empty() && text.find('\n') == std::string::npos && chance(random, 40))
        param.values.push_back(text);
    }
    if (param.values.empty()) param.values.push_back("alpha");
    if (chance(random, 40)) param.aliases.emplace_back("alias_one", param.values.front());
  } else if (param.type == "string" && chance(random, 30)) {
    param.aliases.emplace_back("alias_two", "EMERALD+");
    param.aliases.emplace_back("C+", "alpha");
  } else if (param.type == "integer" && chance(random, 30)) {
    param.max = 1000;
  }
  if (param.type != "boolean" && chance(random, 30)) param.list_max = 3 + below(random, 4);
  set_bounds(param, random);
  if (!param.required && chance(random, 20)) set_default(param, random);
  return param;
}

void add_param_filter(Endpoint& endpoint, const Table& table, Random& random) {
  const std::size_t index = endpoint.params.size() - 1;
  const Param& param = endpoint.params.back();
  for (int attempt = 0, added = 0; attempt < 8 && added < 2; ++attempt) {
    const std::size_t column = below(random, table.columns.size());
    if (column == table.tenant) continue;
    const Type type = table.columns[column].type;
    if (param.type == "boolean" && chance(random, 60)) {
      endpoint.filters.push_back({column, "is_null", index});
    } else if (comparable(param.type, type)) {
      Filter filter{column, pick(random, operators_of(param.list_max.has_value(), type)), index};
      filter.nulls = (filter.op == "ne" || filter.op == "not_in") && chance(random, 50);
      endpoint.filters.push_back(std::move(filter));
    } else {
      continue;
    }
    if (++added == 1 && !chance(random, 15)) return;
  }
}

bool comparable(const std::string& param, Type column) {
  const bool instant = column == Type::timestamp || column == Type::timestamptz;
  if (param == "date") return instant || column == Type::date || column == Type::varchar;
  if (param == "integer") return numeric(column) || column == Type::varchar;
  if (param == "number") return numeric(column);
  if (param == "boolean") return column == Type::boolean;
  if (param == "timestamp") return instant;
  return column != Type::json;
}

const Texts& constants_of(Type type, Random& random) {
  static const Texts kFlags{"true", "FALSE"};
  static const Texts kDates{"2026-01-02", "1970-01-01", "2026-01-01"};
  static const Texts kDecimals{"0", "1.00", "-1.505", "+012.5", "0.42", "99999"};
  static const Texts kDays{"2026-01-02", "1969-12-31", "2026-01-01"};
  static const Texts kInstants{"2026-01-02T06:00:00", "1970-01-01 00:00:00"};
  static const Texts kNumbers{"0", "1", "-1", "42", "+007", "-7"};
  switch (type) {
    case Type::boolean:
      return kFlags;
    case Type::date:
      return kDates;
    case Type::uuid:
      return kUuids;
    case Type::decimal:
      return kDecimals;
    case Type::timestamp:
    case Type::timestamptz:
      return chance(random, 50) ? kDays : kInstants;
    case Type::varchar:
    case Type::json:
      return kTexts;
    default:
      return kNumbers;
  }
}

std::optional<Filter> random_constant_filter(const Table& table, Random& random) {
  const std::size_t column = below(random, table.columns.size());
  const Type type = table.columns[column].type;
  if (column == table.tenant) return std::nullopt;
  Filter filter{column, "is_null", 0};
  if (type == Type::json || chance(random, 25)) {
    filter.constants = {chance(random, 30) ? "true" : "false"};
    return filter;
  }
  const bool list = chance(random, 40);
  filter.op = pick(random, operators_of(list, type));
  filter.nulls = (filter.op == "ne" || filter.op == "not_in") && chance(random, 50);
  const Texts& pool = constants_of(type, random);
  do {
    filter.constants.push_back(pick(random, pool));
  } while (list && chance(random, 60));
  return filter;
}

void join_filters(Endpoint& endpoint, Random& random) {
  std::size_t any = 0;
  for (std::size_t i = 0; i + 1 < endpoint.filters.size(); ++i) {
    if (!chance(random, 30)) continue;
    ++any;
    const std::size_t end = std::min(endpoint.filters.size(), i + 2 + below(random, 2));
    for (; i < end; ++i) endpoint.filters[i].any = any;
    --i;
  }
}

}  // namespace offloader::executor::testing::model
