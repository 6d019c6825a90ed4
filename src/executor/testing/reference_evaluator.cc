#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "offloader/base/json_text.h"
#include "offloader/executor/testing/reference_model.h"
#include "reference_params.h"
#include "reference_results.h"

namespace offloader::executor::testing::model {
namespace {

const Expected kRefused{.status = 422};

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

using Line = std::vector<Result>;

// The value of an aggregate in a bucket that was added.
Result added_value(const Select& select, const Column& column, bool zero) {
  static const std::set<std::string> kZero = {"sum", "avg", "count", "count_distinct"};
  if (!zero || !kZero.contains(select.aggregate)) return {};
  if (select.aggregate.starts_with("count")) return {std::int64_t{0}, {}};
  if (select.aggregate == "avg" || column.type == Type::float64) return {0.0, {}};
  if (column.type == Type::decimal) return {Decimal{}, {}};
  return {{}, Int128{0}};
}

// NaN and the infinities are in one group with null. As keys of a map, they would have no order.
Cell group_key(const Cell& cell) {
  return is_null(cell) ? Cell() : cell;
}

// Adds the lines of the buckets without rows, if the endpoint fills. `rows` are those that match. Returns
// false if there would be too many.
bool fill(const Table& table, const Endpoint& endpoint, const std::optional<Buckets>& buckets,
          const std::vector<const Row*>& rows, const std::vector<std::size_t>& group_by,
          std::vector<Line>& out) {
  const auto filled = std::ranges::find_if(
      endpoint.selects, [](const Select& select) { return select.bucket && !select.bucket->fill.empty(); });
  const auto place = static_cast<std::size_t>(filled - endpoint.selects.begin());
  // A bucket that the caller does not choose is not filled.
  if (std::find(group_by.begin(), group_by.end(), place) == group_by.end()) return true;
  // Of each combination of the other group columns, the buckets that it has.
  std::map<std::vector<Cell>, std::set<std::optional<std::int64_t>>> combinations;
  std::vector<std::int64_t> keys;
  const bool alone = group_by.size() == 1;
  if (alone) combinations[{}];
  for (const Row* const row : rows) {
    std::vector<Cell> others;
    for (const std::size_t select : group_by) {
      if (select != place) others.push_back(group_key((*row)[endpoint.selects[select].column]));
    }
    const Cell& cell = (*row)[filled->column];
    auto& own = combinations[others];
    if (is_null(cell)) continue;
    keys.push_back(buckets->key(std::get<std::int64_t>(cell)));
    own.insert(keys.back());
  }
  if (alone && rows.empty() && !buckets->bounded()) return true;
  const auto axis = buckets->axis(keys);
  if (!axis || axis->size() * combinations.size() > kMostBuckets) return false;
  for (const auto& [others, present] : combinations) {
    for (const std::int64_t key : *axis) {
      if (present.contains(key)) continue;
      Line line;
      for (const Select& select : endpoint.selects) {
        line.push_back(select.aggregate.empty() ? Result{}
                                                : added_value(select, table.columns[select.column],
                                                              filled->bucket->fill == "zero"));
      }
      for (std::size_t i = 0, other = 0; i < group_by.size(); ++i) {
        const std::size_t at = group_by[i];
        line[at] = at == place ? Result{buckets->value(key), {}} : Result{others[other++], {}};
      }
      out.push_back(std::move(line));
    }
  }
  return true;
}

// The lines of the answer, unsorted: the rows, or one line for each group. Nullopt if there would be too many
// buckets.
std::optional<std::vector<Line>> lines_of(const Table& table, const Endpoint& endpoint,
                                          const std::vector<const Row*>& rows,
                                          const std::vector<std::size_t>& group_by, const Asked& asked) {
  const std::optional<Buckets>& buckets = asked.buckets;
  const auto plain = [&](const Select& select, const Row& row) -> Cell {
    const Cell& cell = row[select.column];
    if (!select.bucket || is_null(cell)) return cell;
    return buckets->value(buckets->key(std::get<std::int64_t>(cell)));
  };
  std::vector<Line> out;
  const bool aggregated = std::any_of(endpoint.selects.begin(), endpoint.selects.end(),
                                      [](const Select& select) { return select.of_group(); });
  if (!aggregated && group_by.empty()) {
    for (const Row* row : rows) {
      Line line;
      for (const Select& select : endpoint.selects) line.push_back({plain(select, *row), {}});
      out.push_back(std::move(line));
    }
    return out;
  }
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
    for (const std::size_t select : group_by) key.push_back(plain(endpoint.selects[select], *row));
    groups[std::move(key)].push_back(row);
  }
  if (group_by.empty() && groups.empty()) groups.emplace();
  for (const auto& [key, members] : groups) {
    Line line;
    for (const Select& select : endpoint.selects) {
      if (!select.expression.empty()) {
        line.emplace_back();
      } else if (!select.aggregate.empty()) {
        line.push_back(aggregate(select, table, members, asked.days));
      } else {
        line.push_back(members.empty() ? Result{} : Result{plain(select, *members.front()), {}});
      }
    }
    out.push_back(std::move(line));
  }
  if (!fill(table, endpoint, buckets, rows, group_by, out)) return std::nullopt;
  for (Line& line : out) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (!endpoint.selects[i].expression.empty())
        line[i] = compute(endpoint.selects[i], table, endpoint, line);
    }
  }
  std::erase_if(out, [&](const Line& line) {
    return !std::ranges::all_of(asked.having, [&](const Condition& condition) {
      const Cell cell = cell_of(line[condition.column]);
      return !is_null(cell) && condition.holds(cell);
    });
  });
  return out;
}

void sort_lines(std::vector<Line>& lines, const std::vector<std::pair<std::size_t, bool>>& order) {
  std::sort(lines.begin(), lines.end(), [&](const Line& a, const Line& b) {
    for (const auto& [select, descending] : order) {
      const Result& x = a[select];
      const Result& y = b[select];
      if (is_null(x) != is_null(y)) return is_null(y);
      if (is_null(x)) continue;
      if (const int sign = compare(x, y); sign != 0) return descending ? sign > 0 : sign < 0;
    }
    return false;
  });
}

// Keeps the first lines of each group of the top. Columns that the caller did not choose are not in it.
void keep_top(std::vector<Line>& lines, const Endpoint& endpoint, const Choices& choices,
              const std::vector<std::pair<std::size_t, bool>>& order) {
  std::vector<std::pair<std::size_t, bool>> by = {{endpoint.top->by, true}};
  by.insert(by.end(), order.begin(), order.end());
  sort_lines(lines, by);
  std::map<std::vector<Cell>, std::size_t> taken;
  std::vector<Line> kept;
  for (Line& line : lines) {
    std::vector<Cell> key;
    for (const std::size_t select : endpoint.top->per) {
      if (!has_select(endpoint, choices, select)) continue;
      key.push_back(group_key(line[select].cell));
    }
    if (++taken[key] <= endpoint.top->limit) kept.push_back(std::move(line));
  }
  lines = std::move(kept);
}

void append_cell(std::string& out, const Result& result, const Column& column, const Select& select) {
  const bool text = select.as_text && !is_null(result);
  if (text) out += '"';
  append_value(out, result, column);
  if (text) out += '"';
}

// `columns`: those of the answer, in which a bucket has its own type.
void append_line(std::string& out, const std::vector<Column>& columns, const Endpoint& endpoint,
                 const Line& line, const std::vector<bool>& shown) {
  out += "{";
  const char* between = "";
  for (std::size_t s = 0; s < endpoint.selects.size(); ++s) {
    if (!shown[s]) continue;
    out += between;
    json::append_string(out, endpoint.selects[s].as);
    out += ":";
    append_cell(out, line[s], columns[s], endpoint.selects[s]);
    between = ",";
  }
  out += "}";
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

  // A bucket has days, or values of its column.
  std::vector<Column> columns;
  for (const Select& select : endpoint.selects) {
    columns.push_back(result_column(table, endpoint, select));
    if (select.bucket) columns.back().type = asked->buckets->type();
  }
  const Choices& choices = asked->choices;
  auto lines = lines_of(table, endpoint, rows, choices.group, *asked);
  if (!lines) return kRefused;
  std::vector<Line>& out = *lines;
  const auto order = order_of(table, endpoint, choices);
  if (endpoint.top) keep_top(out, endpoint, choices, order);
  sort_lines(out, order);

  Expected expected;
  expected.data = "[";
  const auto total = static_cast<std::int64_t>(out.size());
  const std::int64_t begin = std::min(asked->offset, total);
  const std::int64_t end = total - begin > asked->limit ? begin + asked->limit : total;
  for (std::int64_t i = begin; i < end; ++i) {
    if (i > begin) expected.data += ",";
    append_line(expected.data, columns, endpoint, out[static_cast<std::size_t>(i)], asked->shown);
  }
  expected.data += "]";
  expected.row_count = end - begin;
  expected.has_more = end < total;
  if (choices.rows) expected.total_rows = total;
  if (choices.grand) {
    std::vector<bool> shown = asked->shown;
    for (std::size_t s = 0; s < shown.size(); ++s) {
      if (!endpoint.selects[s].of_group()) shown[s] = false;
    }
    Asked all = *asked;
    all.having.clear();
    append_line(expected.totals, columns, endpoint, lines_of(table, endpoint, rows, {}, all)->front(), shown);
  }
  return expected;
}

}  // namespace offloader::executor::testing::model
