#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "offloader/base/json_text.h"
#include "offloader/base/timestamp.h"
#include "reference_model.h"

namespace offloader::app::model {
namespace {

constexpr std::int64_t kDay = 86'400'000'000;

const Expected kRefused{422, "", 0, false};

bool is_null(const Cell& cell) {
  const auto* number = std::get_if<double>(&cell);
  return std::holds_alternative<std::monostate>(cell) || (number != nullptr && !std::isfinite(*number));
}

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

// Orders two cells of one column that are not null.
int compare(const Cell& a, const Cell& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

struct Bound {
  std::size_t column;
  std::string op;  // eq gte lte lt never
  Cell value;
};

// The conditions that one filter and one effective param value make; nothing when the request is wrong.
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
    case Type::timestamp: {
      const auto micros = parse_timestamp(value);
      return micros ? one(*micros) : unreadable();
    }
    case Type::json:
      return std::nullopt;
  }
  return std::nullopt;
}

bool holds(const Bound& bound, const Row& row) {
  const Cell& cell = row[bound.column];
  if (is_null(cell) || bound.op == "never") return false;
  const int order = compare(cell, bound.value);
  if (bound.op == "eq") return order == 0;
  if (bound.op == "gte") return order >= 0;
  if (bound.op == "lt") return order < 0;
  return order <= 0;
}

// The result of one aggregate over rows: 128-bit sums apart, because a cell has 64 bits.
struct Result {
  Cell cell;
  std::optional<Int128> wide;
};

Result aggregate(const Select& select, const Column& column, const std::vector<const Row*>& rows) {
  std::vector<Cell> values;
  for (const Row* row : rows) {
    if (!is_null((*row)[select.column])) values.push_back((*row)[select.column]);
  }
  if (select.aggregate == "count") return {static_cast<std::int64_t>(values.size()), {}};
  if (values.empty()) return {};
  const auto less = [](const Cell& a, const Cell& b) { return compare(a, b) < 0; };
  if (select.aggregate == "min") return {*std::min_element(values.begin(), values.end(), less), {}};
  if (select.aggregate == "max") return {*std::max_element(values.begin(), values.end(), less), {}};
  if (column.type == Type::float64) {
    double sum = 0;
    for (const Cell& value : values) sum += std::get<double>(value);
    return {select.aggregate == "avg" ? sum / static_cast<double>(values.size()) : sum, {}};
  }
  Int128 sum = 0;
  for (const Cell& value : values) sum += std::get<std::int64_t>(value);
  if (select.aggregate == "avg") {
    return {static_cast<double>(static_cast<long double>(sum) / static_cast<long double>(values.size())), {}};
  }
  return {{}, sum};
}

int compare(const Result& a, const Result& b) {
  if (a.wide && b.wide) return *a.wide < *b.wide ? -1 : *b.wide < *a.wide ? 1 : 0;
  return compare(a.cell, b.cell);
}

bool null_result(const Result& result) {
  return !result.wide && is_null(result.cell);
}

void append_value(std::string& out, const Result& result, Type type, bool is_number) {
  if (result.wide) return json::append_int128(out, *result.wide);
  if (is_null(result.cell)) {
    out += "null";
    return;
  }
  if (const auto* flag = std::get_if<bool>(&result.cell)) return json::append_bool(out, *flag);
  if (const auto* number = std::get_if<double>(&result.cell)) return json::append_double(out, *number);
  if (const auto* text = std::get_if<std::string>(&result.cell)) {
    if (type == Type::json) {
      out += *text;
    } else {
      json::append_string(out, *text);
    }
    return;
  }
  const std::int64_t integer = std::get<std::int64_t>(result.cell);
  if (!is_number && type == Type::date) return json::append_date(out, static_cast<std::int32_t>(integer));
  if (!is_number && type == Type::timestamp) return json::append_timestamp(out, integer);
  json::append_int(out, integer);
}

// An enum's or string's value after aliases; nothing when the enum does not list it.
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

Expected evaluate(const Table& table, const Endpoint& endpoint, const Query& query,
                  const std::string& tenant) {
  // Params: as sent, then defaults.
  std::set<std::string> names;
  std::map<std::size_t, std::string> values;
  std::int64_t limit = endpoint.default_limit;
  std::int64_t offset = 0;
  std::vector<bool> shown(endpoint.selects.size(), true);
  for (const auto& [name, value] : query) {
    if (!names.insert(name).second) return kRefused;
    if (name == "limit" || name == "offset") {
      const auto number = to_integer(value);
      if (!number || *number < (name == "limit" ? 1 : 0)) return kRefused;
      if (name == "limit" && *number > endpoint.max_limit) return kRefused;
      (name == "limit" ? limit : offset) = *number;
      continue;
    }
    if (name == "columns") {
      shown.assign(endpoint.selects.size(), false);
      std::string rest = value + ",";
      while (!rest.empty()) {
        const std::string column = rest.substr(0, rest.find(','));
        rest.erase(0, column.size() + 1);
        const auto at = std::find_if(endpoint.selects.begin(), endpoint.selects.end(),
                                     [&](const Select& s) { return s.as == column; });
        if (at == endpoint.selects.end()) return kRefused;
        shown[static_cast<std::size_t>(at - endpoint.selects.begin())] = true;
      }
      continue;
    }
    const auto at = std::find_if(endpoint.params.begin(), endpoint.params.end(),
                                 [&](const Param& p) { return p.name == name; });
    if (at == endpoint.params.end()) return kRefused;
    std::string effective = value;
    if (at->type == "integer") {
      const auto number = to_integer(value);
      if (!number || (at->max && *number > *at->max)) return kRefused;
    } else if (at->type == "date") {
      if (!parse_date(value)) return kRefused;
    } else {
      const auto resolved = resolve(*at, value);
      if (!resolved) return kRefused;
      effective = *resolved;
    }
    values[static_cast<std::size_t>(at - endpoint.params.begin())] = effective;
  }
  if (!endpoint.combinations.empty()) {
    std::vector<std::size_t> sent;
    for (const auto& [param, value] : values) sent.push_back(param);
    if (std::find(endpoint.combinations.begin(), endpoint.combinations.end(), sent) ==
        endpoint.combinations.end())
      return kRefused;
  }
  for (std::size_t i = 0; i < endpoint.params.size(); ++i) {
    if (values.contains(i)) continue;
    if (endpoint.params[i].required) return kRefused;
    if (endpoint.params[i].default_value) {
      values[i] = endpoint.params[i].type == "integer" || endpoint.params[i].type == "date"
                      ? *endpoint.params[i].default_value
                      : resolve(endpoint.params[i], *endpoint.params[i].default_value)
                            .value_or(*endpoint.params[i].default_value);
    }
  }

  // Rows of the tenant that every filter lets through.
  std::vector<Bound> bounds;
  for (const Filter& filter : endpoint.filters) {
    const auto value = values.find(filter.param);
    if (value == values.end()) continue;
    const auto made =
        bind(filter, table.columns[filter.column], endpoint.params[filter.param], value->second);
    if (!made) return kRefused;
    bounds.insert(bounds.end(), made->begin(), made->end());
  }
  std::vector<const Row*> rows;
  for (const Row& row : table.rows) {
    if (table.tenant) {
      const Cell& owner = row[*table.tenant];
      const auto* text = std::get_if<std::string>(&owner);
      const auto* number = std::get_if<std::int64_t>(&owner);
      if (!((text != nullptr && *text == tenant) || (number != nullptr && std::to_string(*number) == tenant)))
        continue;
    }
    if (std::all_of(bounds.begin(), bounds.end(), [&](const Bound& bound) { return holds(bound, row); }))
      rows.push_back(&row);
  }

  // Groups, in no order yet.
  const bool aggregated = std::any_of(endpoint.selects.begin(), endpoint.selects.end(),
                                      [](const Select& select) { return !select.aggregate.empty(); });
  std::vector<std::vector<Result>> out;
  if (!aggregated && endpoint.group_by.empty()) {
    for (const Row* row : rows) {
      std::vector<Result> line;
      for (const Select& select : endpoint.selects) line.push_back({(*row)[select.column], {}});
      out.push_back(std::move(line));
    }
  } else {
    const auto less = [](const std::vector<Cell>& a, const std::vector<Cell>& b) {
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (is_null(a[i]) != is_null(b[i])) return is_null(a[i]);
        if (is_null(a[i])) continue;
        if (const int order = compare(a[i], b[i]); order != 0) return order < 0;
      }
      return false;
    };
    std::map<std::vector<Cell>, std::vector<const Row*>, decltype(less)> groups(less);
    for (const Row* row : rows) {
      std::vector<Cell> key;
      for (const std::size_t select : endpoint.group_by)
        key.push_back((*row)[endpoint.selects[select].column]);
      groups[std::move(key)].push_back(row);
    }
    if (endpoint.group_by.empty() && groups.empty()) groups.emplace();
    for (const auto& [key, members] : groups) {
      std::vector<Result> line;
      for (const Select& select : endpoint.selects) {
        if (select.aggregate.empty()) {
          line.push_back({(*members.front())[select.column], {}});
        } else {
          line.push_back(aggregate(select, table.columns[select.column], members));
        }
      }
      out.push_back(std::move(line));
    }
  }

  // The contract's order, then every other column, JSON ones last.
  std::vector<std::pair<std::size_t, bool>> order = endpoint.order_by;
  const auto ordered = [&](std::size_t select) {
    return std::any_of(order.begin(), order.end(), [&](const auto& key) { return key.first == select; });
  };
  for (const bool nested : {false, true}) {
    for (std::size_t i = 0; i < endpoint.selects.size(); ++i) {
      const bool json_column = table.columns[endpoint.selects[i].column].type == Type::json;
      if (json_column == nested && !ordered(i)) order.emplace_back(i, false);
    }
  }
  std::sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
    for (const auto& [select, descending] : order) {
      const Result& x = a[select];
      const Result& y = b[select];
      if (null_result(x) != null_result(y)) return null_result(y);
      if (null_result(x)) continue;
      if (const int sign = compare(x, y); sign != 0) return descending ? sign > 0 : sign < 0;
    }
    return false;
  });

  Expected expected;
  expected.data = "[";
  const auto total = static_cast<std::int64_t>(out.size());
  const std::int64_t begin = std::min(offset, total);
  const std::int64_t end = total - begin > limit ? begin + limit : total;
  for (std::int64_t i = begin; i < end; ++i) {
    expected.data += i == begin ? "{" : ",{";
    const char* between = "";
    for (std::size_t s = 0; s < endpoint.selects.size(); ++s) {
      if (!shown[s]) continue;
      const Select& select = endpoint.selects[s];
      expected.data += between;
      json::append_string(expected.data, select.as);
      expected.data += ":";
      const bool number =
          select.aggregate == "count" || select.aggregate == "sum" || select.aggregate == "avg";
      append_value(expected.data, out[static_cast<std::size_t>(i)][s], table.columns[select.column].type,
                   number);
      between = ",";
    }
    expected.data += "}";
  }
  expected.data += "]";
  expected.row_count = end - begin;
  expected.has_more = end < total;
  return expected;
}

}  // namespace offloader::app::model
