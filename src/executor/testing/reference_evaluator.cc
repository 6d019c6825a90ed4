#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "offloader/base/json_text.h"
#include "offloader/executor/testing/reference_model.h"
#include "reference_params.h"
#include "reference_results.h"

namespace offloader::executor::testing::model {
namespace {

const Expected kRefused{422, "", 0, false};

// Compares two cells of one column. Requires: neither is null.
int compare(const Cell& a, const Cell& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

// Of conditions that belong together, one must hold.
bool match(const std::vector<Condition>& conditions, const Row& row) {
  std::map<std::size_t, bool> any;
  for (const Condition& condition : conditions) {
    const bool holds = condition.holds(row[condition.column]);
    if (condition.any == 0 && !holds) return false;
    if (condition.any != 0) any[condition.any] = any[condition.any] || holds;
  }
  return std::ranges::all_of(any, [](const auto& group) { return group.second; });
}

// Writes the digits one by one.
void append_decimal(std::string& out, Int128 unscaled, int scale) {
  std::string digits;
  json::append_int128(digits, unscaled < 0 ? -unscaled : unscaled);
  while (static_cast<int>(digits.size()) <= scale) digits.insert(digits.begin(), '0');
  if (scale > 0) digits.insert(digits.size() - static_cast<std::size_t>(scale), ".");
  out += (unscaled < 0 ? "-" : "") + digits;
}

void append_value(std::string& out, const Result& result, const Column& column) {
  const Type type = column.type;
  if (const auto* decimal = std::get_if<Decimal>(&result.cell))
    return append_decimal(out, decimal->unscaled, column.scale);
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
  if (type == Type::date) return json::append_date(out, static_cast<std::int32_t>(integer));
  if (type == Type::timestamp) return json::append_timestamp(out, integer);
  if (type == Type::timestamptz) {
    json::append_timestamp(out, integer);
    out.insert(out.size() - 1, "Z");
    return;
  }
  json::append_int(out, integer);
}

void append_cell(std::string& out, const Result& result, const Column& column, const Select& select) {
  const bool text = select.as_text && !is_null(result);
  if (text) out += '"';
  append_value(out, result, column);
  if (text) out += '"';
}

}  // namespace

Expected evaluate(const Table& table, const Endpoint& endpoint, const Query& query,
                  const std::string& tenant) {
  const auto asked = read_params(table, endpoint, query);
  if (!asked) return kRefused;
  // The rows of the tenant that match every filter.
  std::vector<const Row*> rows;
  for (const Row& row : table.rows) {
    if (table.tenant) {
      const Cell& owner = row[*table.tenant];
      const auto* text = std::get_if<std::string>(&owner);
      const auto* number = std::get_if<std::int64_t>(&owner);
      if (!((text != nullptr && *text == tenant) || (number != nullptr && std::to_string(*number) == tenant)))
        continue;
    }
    if (match(asked->conditions, row)) rows.push_back(&row);
  }

  // The lines of the answer, unsorted.
  const bool aggregated = std::any_of(endpoint.selects.begin(), endpoint.selects.end(),
                                      [](const Select& select) { return select.of_group(); });
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
        if (!select.expression.empty()) {
          line.emplace_back();
        } else if (select.aggregate.empty()) {
          line.push_back({(*members.front())[select.column], {}});
        } else {
          line.push_back(aggregate(select, table, members));
        }
      }
      for (std::size_t i = 0; i < line.size(); ++i) {
        if (!endpoint.selects[i].expression.empty())
          line[i] = compute(endpoint.selects[i], table, endpoint, line);
      }
      const bool kept = std::ranges::all_of(asked->having, [&](const Condition& condition) {
        const Cell cell = cell_of(line[condition.column]);
        return !is_null(cell) && condition.holds(cell);
      });
      if (kept) out.push_back(std::move(line));
    }
  }

  // Sort by the order of the contract, then by every other column, JSON columns last.
  std::vector<std::pair<std::size_t, bool>> order = endpoint.order_by;
  const auto ordered = [&](std::size_t select) {
    return std::any_of(order.begin(), order.end(), [&](const auto& key) { return key.first == select; });
  };
  for (const bool nested : {false, true}) {
    for (std::size_t i = 0; i < endpoint.selects.size(); ++i) {
      const Select& select = endpoint.selects[i];
      const bool json_column = !select.of_group() && table.columns[select.column].type == Type::json;
      if (json_column == nested && !ordered(i)) order.emplace_back(i, false);
    }
  }
  std::sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
    for (const auto& [select, descending] : order) {
      const Result& x = a[select];
      const Result& y = b[select];
      if (is_null(x) != is_null(y)) return is_null(y);
      if (is_null(x)) continue;
      if (const int sign = compare(x, y); sign != 0) return descending ? sign > 0 : sign < 0;
    }
    return false;
  });

  Expected expected;
  expected.data = "[";
  const auto total = static_cast<std::int64_t>(out.size());
  const std::int64_t begin = std::min(asked->offset, total);
  const std::int64_t end = total - begin > asked->limit ? begin + asked->limit : total;
  for (std::int64_t i = begin; i < end; ++i) {
    expected.data += i == begin ? "{" : ",{";
    const char* between = "";
    for (std::size_t s = 0; s < endpoint.selects.size(); ++s) {
      if (!asked->shown[s]) continue;
      const Select& select = endpoint.selects[s];
      expected.data += between;
      json::append_string(expected.data, select.as);
      expected.data += ":";
      append_cell(expected.data, out[static_cast<std::size_t>(i)][s], result_column(table, endpoint, select),
                  select);
      between = ",";
    }
    expected.data += "}";
  }
  expected.data += "]";
  expected.row_count = end - begin;
  expected.has_more = end < total;
  return expected;
}

}  // namespace offloader::executor::testing::model
