#include "reference_results.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include "offloader/base/decimal.h"
#include "offloader/base/json_text.h"
#include "offloader/base/timestamp.h"
#include "reference_filters.h"

namespace offloader::executor::testing::model {
namespace {

int compare_cells(const Cell& a, const Cell& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

struct Less {
  bool operator()(const Cell& a, const Cell& b) const { return compare_cells(a, b) < 0; }
};

bool matches(const Select& select, const Table& table, const Row& row, const DaysOf& days) {
  return std::ranges::all_of(select.where, [&](const Filter& filter) {
    const Column& column = table.columns[filter.column];
    const bool day = column.type == Type::timestamp && parse_date(filter.constants.front());
    const auto condition =
        condition_of(filter, column, day ? "date" : "string", filter.constants, days(filter.column));
    return condition->holds(row[filter.column]);
  });
}

// Returns the nearest double, by way of the number's text.
double to_double(Int128 unscaled, int scale) {
  std::string text;
  append_decimal(text, unscaled, static_cast<unsigned>(scale));
  return std::strtod(text.c_str(), nullptr);
}

double to_double(const Cell& cell, int scale) {
  if (const auto* real = std::get_if<double>(&cell)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return static_cast<double>(*whole);
  return to_double(std::get<Decimal>(cell).unscaled, scale);
}

// The value of the row that comes first by another column, or last.
Result edge(const Select& select, const std::vector<const Row*>& rows) {
  const Row* best = nullptr;
  for (const Row* row : rows) {
    const Cell& by = (*row)[select.by];
    if (is_null(by)) continue;
    int order = best == nullptr ? -1 : compare_cells(by, (*best)[select.by]);
    if (best != nullptr && select.aggregate == "last") order = -order;
    if (order == 0) {
      const Cell& value = (*row)[select.column];
      const Cell& other = (*best)[select.column];
      order = is_null(value) ? 1 : is_null(other) ? -1 : compare_cells(value, other);
    }
    if (order < 0) best = row;
  }
  if (best == nullptr || is_null((*best)[select.column])) return {};
  return {(*best)[select.column]};
}

Result share(const Select& select, const Column& column, const std::vector<Cell>& values) {
  std::vector<double> sorted;
  for (const Cell& value : values) sorted.push_back(to_double(value, column.scale));
  std::sort(sorted.begin(), sorted.end());
  const std::string q = select.aggregate == "median" ? "0.5" : select.quantile;
  if (select.discrete) {
    // The least value that at least the share `q` of all values does not exceed; in ten-billionths.
    const auto read = parse_decimal(q, 38, 10);
    const Int128 wanted = *read * static_cast<Int128>(sorted.size());
    std::size_t at = 0;
    while (static_cast<Int128>(at + 1) * 10'000'000'000 < wanted) ++at;
    return {sorted[at]};
  }
  const double at = static_cast<double>(sorted.size() - 1) * std::strtod(q.c_str(), nullptr);
  const auto low = static_cast<std::size_t>(std::floor(at));
  const auto high = static_cast<std::size_t>(std::ceil(at));
  if (low == high) return {sorted[low]};
  const double part = at - std::floor(at);
  return {sorted[low] * (1.0 - part) + sorted[high] * part};
}

// A number of an expression.
struct Number {
  bool null = false;
  Int128 unscaled = 0;
  int scale = 0;
  double real = 0;
};

// Evaluates an expression while it reads it.
class Evaluation {
 public:
  Evaluation(const std::string& text, const Table& table, const Endpoint& endpoint,
             const std::vector<Result>& line, bool exact)
      : text_(text), table_(table), endpoint_(endpoint), line_(line), exact_(exact) {}

  Number sum() {
    Number left = product();
    for (char sign = next(); sign == '+' || sign == '-'; sign = next()) {
      ++at_;
      Number right = product();
      left.null = left.null || right.null;
      const double real = sign == '+' ? left.real + right.real : left.real - right.real;
      for (; left.scale < right.scale; ++left.scale) left.unscaled *= 10;
      for (; right.scale < left.scale; ++right.scale) right.unscaled *= 10;
      left.unscaled += sign == '+' ? right.unscaled : -right.unscaled;
      left.real = real;
    }
    return left;
  }

 private:
  Number product() {
    Number left = operand();
    for (char sign = next(); sign == '*' || sign == '/'; sign = next()) {
      ++at_;
      const Number right = operand();
      left.null = left.null || right.null || (sign == '/' && right.real == 0);
      left.real = sign == '*' ? left.real * right.real : left.real / right.real;
      left.unscaled *= right.unscaled;
      left.scale += right.scale;
    }
    return left;
  }

  Number operand() {
    const char first = next();
    if (first == '(' || first == '-') {
      ++at_;
      Number inner = first == '(' ? sum() : operand();
      if (first == '-') {
        inner.unscaled = -inner.unscaled;
        inner.real = -inner.real;
        return inner;
      }
      static_cast<void>(next());
      ++at_;
      return inner;
    }
    std::string word;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '.'))
      word += text_[at_++];
    if (std::isdigit(static_cast<unsigned char>(word.front())) != 0) return literal(word);
    const auto found = std::ranges::find(endpoint_.selects, word, &Select::as);
    return part(static_cast<std::size_t>(found - endpoint_.selects.begin()));
  }

  [[nodiscard]] Number literal(const std::string& word) const {
    Number number;
    const std::size_t point = word.find('.');
    number.scale = point == std::string::npos ? 0 : static_cast<int>(word.size() - point - 1);
    number.unscaled = *parse_decimal(word, 38, static_cast<unsigned>(number.scale));
    number.real = std::strtod(word.c_str(), nullptr);
    return exact_ ? number : Number{.real = number.real};
  }

  [[nodiscard]] Number part(std::size_t select) const {
    const Result& result = line_[select];
    if (is_null(result)) return {.null = true};
    const int scale = result_column(table_, endpoint_, endpoint_.selects[select]).scale;
    const Cell cell = cell_of(result);
    if (!exact_) return {.real = to_double(cell, scale)};
    const auto* decimal = std::get_if<Decimal>(&cell);
    return {.unscaled = decimal != nullptr ? decimal->unscaled : std::get<std::int64_t>(cell),
            .scale = scale};
  }

  char next() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  const std::string& text_;
  const Table& table_;
  const Endpoint& endpoint_;
  const std::vector<Result>& line_;
  const bool exact_;
  std::size_t at_ = 0;
};

// The selects that an expression names.
std::vector<const Select*> parts_of(const Endpoint& endpoint, const Select& select) {
  std::vector<const Select*> parts;
  for (const Select& each : endpoint.selects) {
    if (!each.aggregate.empty() && select.expression.find(each.as) != std::string::npos)
      parts.push_back(&each);
  }
  return parts;
}

}  // namespace

Column result_column(const Table& table, const Endpoint& endpoint, const Select& select) {
  if (!select.expression.empty()) {
    Column column{select.as, Type::decimal};
    const auto parts = parts_of(endpoint, select);
    const bool exact = select.expression.find('/') == std::string::npos &&
                       std::ranges::all_of(parts, [&](const Select* part) {
                         return result_column(table, endpoint, *part).type != Type::float64;
                       });
    if (!exact) return {select.as, Type::float64};
    // The scale does not depend on the values.
    const std::vector<Result> zeros(endpoint.selects.size(), Result{std::int64_t{0}});
    column.scale = Evaluation(select.expression, table, endpoint, zeros, true).sum().scale;
    column.precision = 38;
    return column;
  }
  const std::string& name = select.aggregate;
  if (name == "count" || name == "count_distinct") return {select.as, Type::bigint};
  if (name == "avg" || name == "median" || name == "quantile") return {select.as, Type::float64};
  Column column = table.columns[select.column];
  if (name == "sum" && column.type != Type::float64) {
    column.type = Type::decimal;
    column.precision = 38;
  }
  return column;
}

bool is_approximate(const Table& table, const Endpoint& endpoint, const Select& select) {
  if (!select.expression.empty()) {
    const auto parts = parts_of(endpoint, select);
    return std::ranges::any_of(parts,
                               [&](const Select* part) { return is_approximate(table, endpoint, *part); });
  }
  return select.aggregate == "avg" ||
         (select.aggregate == "sum" && table.columns[select.column].type == Type::float64);
}

bool orders_exactly(const Table& table, const Endpoint& endpoint, const Select& select) {
  if (!is_approximate(table, endpoint, select)) return true;
  // An average of numbers that are added exactly is one division, which always has the same result.
  return select.expression.empty() && table.columns[select.column].type != Type::float64;
}

Result aggregate(const Select& select, const Table& table, const std::vector<const Row*>& rows,
                 const DaysOf& days) {
  std::vector<const Row*> taken;
  std::ranges::copy_if(rows, std::back_inserter(taken),
                       [&](const Row* row) { return matches(select, table, *row, days); });
  if (select.rows) return {static_cast<std::int64_t>(taken.size())};
  if (select.aggregate == "first" || select.aggregate == "last") return edge(select, taken);
  const Column& column = table.columns[select.column];
  std::vector<Cell> values;
  for (const Row* row : taken) {
    if (!is_null((*row)[select.column])) values.push_back((*row)[select.column]);
  }
  if (select.aggregate == "count") return {static_cast<std::int64_t>(values.size())};
  if (select.aggregate == "count_distinct")
    return {static_cast<std::int64_t>(std::set<Cell, Less>(values.begin(), values.end()).size())};
  if (values.empty()) return {};
  if (select.aggregate == "min") return {*std::min_element(values.begin(), values.end(), Less())};
  if (select.aggregate == "max") return {*std::max_element(values.begin(), values.end(), Less())};
  if (select.aggregate == "median" || select.aggregate == "quantile") return share(select, column, values);
  if (column.type == Type::float64) {
    double sum = 0;
    for (const Cell& value : values) sum += std::get<double>(value);
    return {select.aggregate == "avg" ? sum / static_cast<double>(values.size()) : sum};
  }
  Int128 sum = 0;
  if (column.type == Type::decimal) {
    for (const Cell& value : values) sum += std::get<Decimal>(value).unscaled;
    if (select.aggregate == "sum") return {Decimal{sum}};
    const long double mean = static_cast<long double>(sum) / static_cast<long double>(values.size());
    return {static_cast<double>(mean / std::pow(10.0L, column.scale))};
  }
  for (const Cell& value : values) sum += std::get<std::int64_t>(value);
  if (select.aggregate == "avg")
    return {static_cast<double>(static_cast<long double>(sum) / static_cast<long double>(values.size()))};
  return {{}, sum};
}

Result compute(const Select& select, const Table& table, const Endpoint& endpoint,
               const std::vector<Result>& line) {
  const bool exact = result_column(table, endpoint, select).type == Type::decimal;
  const Number number = Evaluation(select.expression, table, endpoint, line, exact).sum();
  if (number.null) return {};
  if (exact) return {Decimal{number.unscaled}};
  if (!std::isfinite(number.real)) return {};
  return {number.real == 0 ? 0.0 : number.real};
}

int compare(const Result& a, const Result& b) {
  if (a.wide && b.wide) return *a.wide < *b.wide ? -1 : *b.wide < *a.wide ? 1 : 0;
  return compare_cells(a.cell, b.cell);
}

bool is_null(const Result& result) {
  return !result.wide && is_null(result.cell);
}

Cell cell_of(const Result& result) {
  return result.wide ? Cell(Decimal{*result.wide}) : result.cell;
}

}  // namespace offloader::executor::testing::model
