#include "group_filter.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "group_expression.h"
#include "group_order.h"
#include "keys.h"
#include "top_groups.h"

namespace offloader::index {
namespace {

using catalog::Aggregate;
using query::Comparison;

bool gives_a_value(const query::Projection& projection) {
  if (!projection.aggregate) return false;
  switch (*projection.aggregate) {
    case Aggregate::min:
    case Aggregate::max:
    case Aggregate::first:
    case Aggregate::last:
      return true;
    default:
      return false;
  }
}

template <typename T>
bool compares(Comparison comparison, const T& a, const T& b) {
  switch (comparison) {
    case Comparison::eq:
      return a == b;
    case Comparison::ne:
      return a != b;
    case Comparison::ge:
      return a >= b;
    case Comparison::gt:
      return a > b;
    case Comparison::le:
      return a <= b;
    case Comparison::lt:
      return a < b;
  }
  return false;
}

// A plan's conditions on groups, resolved against the groups' aggregates.
class GroupFilter {
 public:
  GroupFilter(const query::Plan& plan, Groups& groups);

  // False if a value is not of the type of what it is compared with.
  [[nodiscard]] bool valid() const { return valid_; }
  [[nodiscard]] bool holds(std::uint32_t group) const;

 private:
  struct Term {
    const query::Projection* projection = nullptr;
    const Output* output = nullptr;
    bool of_null = false;            // whether it holds for null
    bool by_key = false;             // compares the key of a column's value
    std::vector<Interval> keys{};    // those that match
    query::Comparison comparison{};  // otherwise, with a number in the type of the result
    GroupNumber number{};            // null: no number is equal to it
    bool floating = false;
  };
  [[nodiscard]] bool holds(const Term& term, std::uint32_t group) const;
  [[nodiscard]] bool resolve(const query::Condition& condition, const query::Value& value,
                             const query::ValueList* list, Term& term) const;

  Groups& groups_;
  std::vector<Term> terms_;
  bool valid_ = true;
};

GroupFilter::GroupFilter(const query::Plan& plan, Groups& groups) : groups_(groups) {
  const query::PlanShape& shape = *plan.shape;
  const query::ValueList* list = plan.having_lists.data();
  const query::ValueList* const end = list + plan.having_lists.size();
  if (plan.having_values.size() != shape.having.size()) valid_ = false;
  for (std::size_t i = 0; valid_ && i < shape.having.size(); ++i) {
    const query::Condition& condition = shape.having[i];
    const bool among = std::holds_alternative<query::Among>(condition.test);
    Term& term = terms_.emplace_back();
    term.projection = &shape.projections[condition.column];
    term.output = &groups.outputs[condition.column];
    valid_ = (!among || list != end) && resolve(condition, plan.having_values[i], list, term);
    if (among && valid_) ++list;
  }
}

bool GroupFilter::resolve(const query::Condition& condition, const query::Value& value,
                          const query::ValueList* list, Term& term) const {
  term.by_key = gives_a_value(*term.projection);
  if (term.by_key) {
    const auto* const among = std::get_if<query::Among>(&condition.test);
    term.of_null = among != nullptr && among->negated && (among->or_null || list->empty());
    const Column& column = groups_.aggregates[*term.output->aggregate].column();
    return keys_of_test(column, condition.test, value, list, 0, term.keys);
  }
  const auto* const compare = std::get_if<query::Compare>(&condition.test);
  if (compare == nullptr || compare->or_null) return false;
  term.comparison = compare->comparison;
  term.floating = condition.type == catalog::ColumnType::float64;
  if (std::holds_alternative<query::Nothing>(value)) {
    term.number.null = true;
  } else if (const auto* real = std::get_if<double>(&value); real != nullptr && term.floating) {
    term.number.real = *real;
  } else if (const auto* whole = std::get_if<std::int64_t>(&value);
             whole != nullptr && condition.type == catalog::ColumnType::bigint) {
    term.number.exact = *whole;
  } else if (const auto* decimal = std::get_if<query::Decimal>(&value);
             decimal != nullptr && condition.type == catalog::ColumnType::decimal &&
             decimal->scale == condition.type.size.scale) {
    term.number.exact = decimal->unscaled;
  } else {
    return false;
  }
  return true;
}

bool GroupFilter::holds(std::uint32_t group) const {
  return std::all_of(terms_.begin(), terms_.end(), [&](const Term& term) { return holds(term, group); });
}

bool GroupFilter::holds(const Term& term, std::uint32_t group) const {
  if (term.by_key) {
    // These aggregates are null in a bucket that was added.
    if (group >= groups_.first_added) return term.of_null;
    const ColumnAggregate& aggregate = groups_.aggregates[*term.output->aggregate];
    const Accumulator& from = groups_.of(group)[*term.output->aggregate];
    if (is_null(aggregate, from)) return term.of_null;
    const std::uint64_t key = aggregate.key(from);
    return std::any_of(term.keys.begin(), term.keys.end(),
                       [key](const Interval& each) { return each.low <= key && key <= each.high; });
  }
  const GroupNumber number = number_of(groups_, *term.projection, *term.output, group);
  if (number.null) return false;
  if (term.number.null) return term.comparison == Comparison::ne;
  return term.floating ? compares(term.comparison, number.real, term.number.real)
                       : compares(term.comparison, number.exact, term.number.exact);
}

}  // namespace

Result<void> list_groups(const query::Plan& plan, const Lookup& lookup, Groups& groups) {
  const query::PlanShape& shape = *plan.shape;
  if (auto computed = compute_expressions(shape, groups); !computed) return computed;
  groups.order.resize(groups.size());
  std::iota(groups.order.begin(), groups.order.end(), 0U);
  if (!shape.having.empty()) {
    const GroupFilter filter(plan, groups);
    if (!filter.valid())
      return fail(ErrorCode::internal, "internal error",
                  "a condition on groups with a value of another type");
    std::erase_if(groups.order, [&](std::uint32_t group) { return !filter.holds(group); });
  }
  if (shape.top) keep_top_groups(*shape.top, lookup, groups);
  return {};
}

}  // namespace offloader::index
