#include "measure_sql.h"

#include <fmt/format.h>

#include <vector>

#include "condition_sql.h"
#include "offloader/base/decimal.h"
#include "offloader/catalog/decimal_text.h"
#include "offloader/duckdb/instance.h"

namespace offloader::duckdb {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;
using catalog::SizedType;
using Kind = catalog::ExpressionStep::Kind;

constexpr std::string_view kZero = "CAST(0 AS DOUBLE)";

// JSON has no number for a result beyond the largest double: it is NULL, for conditions and the order too.
std::string if_finite(const std::string& value) {
  return fmt::format("CASE WHEN isfinite({0}) THEN {0} END", value);
}

std::string filter_sql(const query::Measure& measure, const query::PlanShape& shape,
                       const std::string& ordered, std::size_t& next) {
  std::string conditions = ordered;
  const auto join = [&] {
    if (!conditions.empty()) conditions += " AND ";
  };
  if (measure.never) {
    join();
    conditions += "false";
  } else if (!measure.where.empty()) {
    join();
    append_conditions(conditions, measure.where, column_names(shape), next);
  }
  return conditions.empty() ? "" : fmt::format(" FILTER (WHERE {})", conditions);
}

// Returns a number of the type as the nearest double. DuckDB's own cast of a DECIMAL or HUGEINT of more than
// 53 bits rounds twice.
std::string as_double(const std::string& column, const SizedType& type) {
  constexpr unsigned kExactPowers = 22;  // greater powers of ten are not doubles
  constexpr std::uint64_t kExact = std::uint64_t{1} << 53;
  constexpr unsigned kShort = 15;  // a number of so many digits has fewer than 53 bits
  if (type == ColumnType::float64) return column;
  const std::string cast = fmt::format("CAST({} AS DOUBLE)", column);
  if (type != ColumnType::decimal) return cast;
  const std::string text = fmt::format("CAST(CAST({} AS VARCHAR) AS DOUBLE)", column);
  if (type.size.scale > kExactPowers) return text;
  if (type.size.precision <= kShort) return cast;
  std::string limit;
  append_decimal(limit, static_cast<Int128>(kExact), type.size.scale);
  return fmt::format("CASE WHEN abs({}) <= {} THEN {} ELSE {} END", column, limit, cast, text);
}

std::string operand_sql(const catalog::ExpressionStep& step, bool exact, const query::PlanShape& shape,
                        StoredTypes types) {
  if (step.kind == Kind::number) {
    if (exact)
      return fmt::format("CAST({} AS DECIMAL(38,{}))", step.number, catalog::scale_of_number(step.number));
    // The exponent makes it a DOUBLE.
    const double number = nearest_double(*catalog::parse_decimal(step.number, catalog::DecimalForm::lenient));
    std::string text = fmt::format("{}", number);
    return text.find('e') == std::string::npos ? text + "e0" : text;
  }
  const query::Projection& part = shape.projections[step.select];
  const std::string column = quote_identifier(part.as);
  const SizedType type = value_type(part, shape, types);
  return exact ? fmt::format("CAST({} AS DECIMAL(38,{}))", column, type.size.scale) : as_double(column, type);
}

// Returns the type of an expression, which is wider than declared if its parts are.
SizedType expression_type(const catalog::Expression& expression, const query::PlanShape& shape,
                          StoredTypes types) {
  if (!expression.exact()) return ColumnType::float64;
  std::vector<int> scales;
  for (const catalog::ExpressionStep& step : expression.steps) {
    if (step.kind == Kind::number) {
      scales.push_back(catalog::scale_of_number(step.number));
    } else if (step.kind == Kind::aggregate) {
      const SizedType part = value_type(shape.projections[step.select], shape, types);
      if (part == ColumnType::float64) return ColumnType::float64;
      scales.push_back(part.size.scale);
    } else if (step.kind != Kind::negate) {
      const int second = scales.back();
      scales.pop_back();
      scales.back() = catalog::scale_of_result(step.kind, scales.back(), second);
    }
  }
  return catalog::decimal_type(catalog::kMostDecimalDigits, scales.back());
}

}  // namespace

std::string value_sql(const query::Projection& projection, const query::PlanShape& shape, StoredTypes types,
                      bool exact, std::size_t& next) {
  const query::Measure& measure = projection.measure;
  const std::string column = measure.rows ? "*" : quote_identifier(shape.schema[projection.column].name);
  if (!projection.aggregate) return column;
  const bool floating = projection.type == ColumnType::float64;
  const auto call = [&](std::string_view name, const std::string& arguments,
                        const std::string& ordered = {}) {
    return fmt::format("{}({}){}", name, arguments, filter_sql(measure, shape, ordered, next));
  };
  const auto as_doubles = [&] { return as_double(column, types[projection.column]); };
  switch (*projection.aggregate) {
    case Aggregate::sum: {
      const std::string sum = call("sum", column);
      if (floating) return if_finite(sum);
      const ColumnType stored = types[projection.column];
      const bool whole = stored == ColumnType::integer || stored == ColumnType::bigint;
      return exact && whole ? fmt::format("CAST({} AS DECIMAL(38,0))", sum) : sum;
    }
    case Aggregate::avg: {
      // DuckDB's own mean of decimals divides their exact sum, as the index does: that of doubles loses all
      // digits where large values cancel out. But it fails past 128 bits, so that doubles are left for the
      // widest decimals.
      constexpr int kSummed = 28;  // ten billion of so many digits have an exact sum
      const SizedType& stored = types[projection.column];
      const bool widest = stored == ColumnType::decimal && stored.size.precision > kSummed;
      const std::string mean = call("avg", widest ? fmt::format("CAST({} AS DOUBLE)", column) : column);
      return floating ? if_finite(mean) : mean;
    }
    case Aggregate::min:
      return call("min", column);
    case Aggregate::max:
      return call("max", column);
    case Aggregate::count:
      return call("count", column);
    case Aggregate::count_distinct:
      return call("count", "DISTINCT " + column);
    case Aggregate::median:
      return if_finite(call("median", as_doubles()));
    case Aggregate::quantile:
      // DuckDB takes the share as a constant only. A decimal one is exact.
      return if_finite(call(measure.discrete ? "quantile_disc" : "quantile_cont",
                            fmt::format("{}, {}", as_doubles(), measure.quantile)));
    case Aggregate::first:
    case Aggregate::last: {
      // Not arg_min() and arg_max(): they skip values that are null, and take ties by chance.
      const bool last = projection.aggregate == Aggregate::last;
      const std::string by = quote_identifier(shape.schema[measure.by.value_or(0)].name);
      return call("first",
                  fmt::format("{0} ORDER BY {1} {2}, {0} ASC NULLS LAST", column, by, last ? "DESC" : "ASC"),
                  by + " IS NOT NULL");
    }
  }
  return "NULL";
}

std::string expression_sql(const catalog::Expression& expression, const query::PlanShape& shape,
                           StoredTypes types) {
  const bool exact = expression_type(expression, shape, types) == ColumnType::decimal;
  std::vector<std::string> stack;
  for (const catalog::ExpressionStep& step : expression.steps) {
    if (step.kind == Kind::aggregate || step.kind == Kind::number) {
      stack.push_back(operand_sql(step, exact, shape, types));
      continue;
    }
    if (step.kind == Kind::negate) {
      stack.back() = fmt::format("(-{})", stack.back());
      continue;
    }
    const std::string second = std::move(stack.back());
    stack.pop_back();
    std::string& first = stack.back();
    switch (step.kind) {
      case Kind::add:
        first = fmt::format("({} + {})", first, second);
        break;
      case Kind::subtract:
        first = fmt::format("({} - {})", first, second);
        break;
      case Kind::multiply:
        first = fmt::format("({} * {})", first, second);
        break;
      default:
        // NULL if the divisor is zero, by a setting of every instance (kDivision). nullif() would repeat the
        // divisor, and so grow exponentially with the depth of divisors.
        first = fmt::format("({} / {})", first, second);
    }
  }
  // Adding 0.0 turns -0.0 into it.
  return exact ? stack.back() : if_finite(fmt::format("({} + {})", stack.back(), kZero));
}

idx_t bind_measures(duckdb_prepared_statement statement, const query::PlanShape& shape, StoredTypes types,
                    idx_t at) {
  for (const query::Projection& projection : shape.projections) {
    const query::BoundConditions bound = projection.measure.conditions();
    if (bound.never || bound.conditions.empty()) continue;
    if (!complete(bound)) return 0;
    at = bind_conditions(
        statement, bound, [&](std::size_t column) { return types[column]; }, at);
    if (at == 0) return 0;
  }
  return at;
}

SizedType value_type(const query::Projection& projection, const query::PlanShape& shape, StoredTypes types) {
  if (projection.expression) return expression_type(*projection.expression, shape, types);
  if (!projection.aggregate) return types[projection.column];
  switch (*projection.aggregate) {
    case Aggregate::count:
    case Aggregate::count_distinct:
    case Aggregate::avg:
    case Aggregate::median:
    case Aggregate::quantile:
      return query::result_type(projection);
    case Aggregate::sum:
    case Aggregate::min:
    case Aggregate::max:
    case Aggregate::first:
    case Aggregate::last:
      break;
  }
  return catalog::row_of(*projection.aggregate).result(types[projection.column]);
}

}  // namespace offloader::duckdb
