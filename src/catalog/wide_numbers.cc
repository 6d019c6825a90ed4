#include "wide_numbers.h"

#include <algorithm>

namespace offloader::catalog {
namespace {

constexpr int kDoubleDigits = 15;  // every decimal of as many digits survives in a double

bool is_wide(const SizedType& type) {
  return type == ColumnType::bigint || (type == ColumnType::decimal && type.size.precision > kDoubleDigits);
}

// The type that decides how large the numbers of a select are: of a sum that of its column. Nullopt for an
// expression and if it is not known.
std::optional<SizedType> deciding_type(const SelectDraft& draft, const Select& select) {
  if (select.expression) return std::nullopt;
  return select.aggregate == Aggregate::sum ? draft.type : draft.result;
}

bool counts(const Select& select) {
  return select.aggregate == Aggregate::count || select.aggregate == Aggregate::count_distinct;
}

bool may_be_rounded(const SelectDraft& draft, const Select& select) {
  const auto type = deciding_type(draft, select);
  return type && is_wide(*type) && !counts(select);
}

void report(const SelectDraft& draft, const std::string& what, const std::string& past,
            const std::string& hint) {
  draft.encode.report(
      "imprecise_number",
      "\"" + draft.as + "\" is " + what + ", but readers that hold JSON numbers in doubles round " + past,
      hint, Severity::warning);
}

void report_column(const SelectDraft& draft, const Select& select, const SizedType& type) {
  const std::string what = (select.aggregate == Aggregate::sum ? "a sum of " : "") + name_of(type);
  if (type == ColumnType::bigint) {
    report(draft, what, "those past 2^53",
           "add `encode: string`, or declare the column as INTEGER if its values fit");
  } else {
    report(draft, what, "those of more than " + std::to_string(kDoubleDigits) + " digits",
           "add `encode: string`, or declare the column with fewer digits if its values fit");
  }
}

// An expression of exact parts is exact, and as large as they are.
void check_expression(const Selects& selects, const Endpoint& endpoint, std::size_t index) {
  if (!selects[index].result || *selects[index].result != ColumnType::decimal) return;
  for (const ExpressionStep& step : endpoint.select[index].expression->steps) {
    if (step.kind != ExpressionStep::Kind::aggregate) continue;
    if (!may_be_rounded(selects[step.select], endpoint.select[step.select])) continue;
    return report(selects[index], "computed from \"" + selects[step.select].as + "\"",
                  "those past 2^53 or of more than " + std::to_string(kDoubleDigits) + " digits",
                  "add `encode: string`");
  }
}

}  // namespace

void warn_of_wide_numbers(const Selects& selects, const Endpoint& endpoint) {
  for (std::size_t i = 0; i < endpoint.select.size(); ++i) {
    const Select& select = endpoint.select[i];
    if (select.as_text) continue;
    if (select.expression) {
      check_expression(selects, endpoint, i);
    } else if (may_be_rounded(selects[i], select)) {
      report_column(selects[i], select, *deciding_type(selects[i], select));
    }
  }
}

}  // namespace offloader::catalog
