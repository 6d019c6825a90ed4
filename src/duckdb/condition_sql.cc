#include "condition_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "bucket_sql.h"
#include "offloader/duckdb/instance.h"

namespace offloader::duckdb {
namespace {

using query::Among;
using query::Compare;
using query::CompareDay;
using query::Comparison;
using query::Match;
using query::NullTest;

// Formats one test of `column`, which is already quoted.
struct TestSql {
  const query::Condition& condition;
  const std::string& column;
  std::size_t& next;

  std::string operator()(const Compare& test) const {
    const std::size_t at = next++;
    if (test.comparison != Comparison::ne)
      return fmt::format("{} {} ${}", column, name_of(test.comparison), at);
    // Not `<>`: a bound NULL stands for a value that no row has (query::Nothing), and then all that are not
    // null match.
    if (test.or_null) return fmt::format("({0} IS DISTINCT FROM ${1} OR {0} IS NULL)", column, at);
    return fmt::format("({0} IS DISTINCT FROM ${1} AND {0} IS NOT NULL)", column, at);
  }
  // One text for lists of any length, and many times faster than list_contains() and IN.
  std::string operator()(const Among& test) const {
    const std::string compared = test.by_day ? day() : column;
    const std::size_t at = next++;
    if (!test.negated) return fmt::format("{} = ANY(${})", compared, at);
    if (test.or_null) return fmt::format("(NOT ({} = ANY(${})) OR {} IS NULL)", compared, at, column);
    // The second param says whether the list is empty: then nulls match too.
    return fmt::format("(NOT ({} = ANY(${})) AND ({} IS NOT NULL OR ${}))", compared, at, column, next++);
  }
  std::string operator()(const Match& test) const {
    const std::size_t at = next++;
    switch (test.how) {
      case Match::How::prefix:  // uses the bounds of row groups; starts_with() does not
        return fmt::format("prefix({}, ${})", column, at);
      case Match::How::contains:
        return fmt::format("contains({}, ${})", column, at);
      case Match::How::icontains:
        return fmt::format("contains(lower({}), lower(${}))", column, at);
    }
    return "false";
  }
  std::string operator()(const NullTest&) const { return fmt::format("({} IS NULL) = ${}", column, next++); }
  // Instants so far from the day that its zone does not matter are compared as such: row groups are skipped
  // by them, and few rows are left to convert.
  std::string operator()(const CompareDay& test) const {
    std::string sql;
    if (bounds_begin(test)) sql += fmt::format("{} >= ${} AND ", column, next++);
    if (bounds_end(test)) sql += fmt::format("{} < ${} AND ", column, next++);
    const bool sure = bounds_begin(test) != bounds_end(test);
    if (sure) sql += fmt::format("({} {} ${} OR ", column, bounds_begin(test) ? ">=" : "<", next++);
    sql += fmt::format("{} {} ${}", day(), name_of(test.comparison), next++);
    if (sure) sql += ")";
    return test.or_null ? fmt::format("({} OR {} IS NULL)", sql, column) : "(" + sql + ")";
  }

 private:
  [[nodiscard]] std::string day() const { return local_day(column, condition.type, condition.zone); }
};

}  // namespace

bool bounds_begin(const CompareDay& test) {
  return test.comparison == Comparison::eq || test.comparison == Comparison::ge ||
         test.comparison == Comparison::gt;
}

bool bounds_end(const CompareDay& test) {
  return test.comparison == Comparison::eq || test.comparison == Comparison::le ||
         test.comparison == Comparison::lt;
}

NameOf column_names(const query::PlanShape& shape) {
  return [&shape](std::size_t column) { return quote_identifier(shape.schema[column].name); };
}

void append_conditions(std::string& sql, std::span<const query::Condition> conditions, const NameOf& name_of,
                       std::size_t& next) {
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const query::Condition& condition = conditions[i];
    const bool in_any = condition.any != 0;
    const bool follows = in_any && i > 0 && conditions[i - 1].any == condition.any;
    const bool last = in_any && (i + 1 == conditions.size() || conditions[i + 1].any != condition.any);
    if (i > 0) sql += follows ? " OR " : " AND ";
    if (in_any && !follows) sql += '(';
    const std::string column = name_of(condition.column);
    sql += std::visit(TestSql{condition, column, next}, condition.test);
    if (last) sql += ')';
  }
}

bool complete(const query::BoundConditions& bound) {
  const auto lists = static_cast<std::size_t>(std::count_if(
      bound.conditions.begin(), bound.conditions.end(),
      [](const query::Condition& condition) { return std::holds_alternative<Among>(condition.test); }));
  return bound.values.size() == bound.conditions.size() && bound.lists.size() == lists;
}

}  // namespace offloader::duckdb
