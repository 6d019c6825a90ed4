#include "group_expression.h"

#include <cmath>
#include <string_view>

#include "fill_groups.h"
#include "group_order.h"
#include "offloader/base/decimal.h"
#include "offloader/catalog/decimal_text.h"

namespace offloader::index {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;
using Kind = catalog::ExpressionStep::Kind;

constexpr Int128 kBeyond = power_of_ten(kDecimalDigits);

bool fits(Int128 number) {
  return number < kBeyond && number > -kBeyond;
}

// Raises the scale of a number. Returns whether it still has at most 38 digits.
bool rescale(Int128& number, unsigned from, unsigned to) {
  const Int128 limit = power_of_ten(kDecimalDigits - (to - from));
  if (number >= limit || number <= -limit) return false;
  number *= power_of_ten(to - from);
  return true;
}

// A value on the stack of an expression.
struct Term {
  GroupNumber number{};
  unsigned scale = 0;  // of an exact one
};

// Computes one expression for one group after the other.
class Computation {
 public:
  Computation(const query::PlanShape& shape, const catalog::Expression& expression, Groups& groups)
      : shape_(shape), expression_(expression), groups_(groups) {}

  // Returns false if a number has more than 38 digits.
  bool compute(std::uint32_t group, GroupNumber& result) {
    stack_.clear();
    for (const catalog::ExpressionStep& step : expression_.steps) {
      if (!apply(step, group)) return false;
    }
    result = stack_.back().number;
    if (expression_.exact() || result.null) return true;
    result.null = !std::isfinite(result.real);
    result.real += 0.0;  // -0.0 becomes 0.0
    return true;
  }

 private:
  bool apply(const catalog::ExpressionStep& step, std::uint32_t group) {
    switch (step.kind) {
      case Kind::aggregate:
        return push_part(step.select, group);
      case Kind::number:
        stack_.push_back(literal(step.number));
        return true;
      case Kind::negate:
        stack_.back().number.exact = -stack_.back().number.exact;
        stack_.back().number.real = -stack_.back().number.real;
        return true;
      default:
        break;
    }
    const Term second = stack_.back();
    stack_.pop_back();
    Term& first = stack_.back();
    const bool null = first.number.null || second.number.null;
    // A null has the number 0, so its part computes without an overflow.
    const bool good =
        expression_.exact() ? combine_exact(step.kind, first, second) : combine(step.kind, first, second);
    first.number.null = first.number.null || null;
    return good;
  }

  bool push_part(std::size_t select, std::uint32_t group) {
    const query::Projection& part = shape_.projections[select];
    const catalog::SizedType type = query::result_type(part);
    Term term{number_of(groups_, part, groups_.outputs[select], group), type.size.scale};
    if (term.number.null) {
      term.number = {.null = true};
    } else if (expression_.exact()) {
      if (!fits(term.number.exact)) return false;
    } else if (type != ColumnType::float64) {
      term.number = {.real = double_of_decimal(term.number.exact, type.size.scale)};
    }
    stack_.push_back(term);
    return true;
  }

  [[nodiscard]] Term literal(std::string_view number) const {
    const std::uint8_t scale = catalog::scale_of_number(number);
    Term term{{}, scale};
    if (expression_.exact()) {
      term.number.exact = read_decimal(number, scale)->floor;
    } else {
      term.number.real = nearest_double(*catalog::parse_decimal(number, catalog::DecimalForm::lenient));
    }
    return term;
  }

  static bool combine(Kind kind, Term& first, const Term& second) {
    double& number = first.number.real;
    const double other = second.number.real;
    switch (kind) {
      case Kind::add:
        number += other;
        break;
      case Kind::subtract:
        number -= other;
        break;
      case Kind::multiply:
        number *= other;
        break;
      default:
        if (other == 0) first.number.null = true;
        number = other == 0 ? 0 : number / other;
    }
    return true;
  }

  static bool combine_exact(Kind kind, Term& first, Term second) {
    Int128& number = first.number.exact;
    if (kind == Kind::multiply) {
      first.scale += second.scale;
      return !__builtin_mul_overflow(number, second.number.exact, &number) && fits(number);
    }
    const unsigned scale = std::max(first.scale, second.scale);
    if (!rescale(number, first.scale, scale) || !rescale(second.number.exact, second.scale, scale))
      return false;
    first.scale = scale;
    const bool overflown = kind == Kind::add ? __builtin_add_overflow(number, second.number.exact, &number)
                                             : __builtin_sub_overflow(number, second.number.exact, &number);
    return !overflown && fits(number);
  }

  const query::PlanShape& shape_;
  const catalog::Expression& expression_;
  Groups& groups_;
  std::vector<Term> stack_;
};

}  // namespace

GroupNumber number_of(Groups& groups, const query::Projection& projection, const Output& output,
                      std::uint32_t group) {
  if (output.expression) return groups.expressions[*output.expression][group];
  const ColumnAggregate& aggregate = groups.aggregates[*output.aggregate];
  if (group >= groups.first_added) return {.null = !is_zero_filled(groups, aggregate.kind())};
  const Accumulator& from = groups.of(group)[*output.aggregate];
  if (is_null(aggregate, from)) return {.null = true};
  switch (*projection.aggregate) {
    case Aggregate::count:
    case Aggregate::count_distinct:
      return {.exact = static_cast<Int128>(from.count)};
    case Aggregate::sum:
      if (aggregate.floating()) return {.real = aggregate.floating_sum(from)};
      return {.exact = aggregate.sum(from)};
    case Aggregate::avg:
      return {.real = aggregate.average(from)};
    default:
      break;
  }
  const std::uint64_t key = aggregate.key(from);
  if (aggregate.floating()) return {.real = double_of_key(key)};
  return {.exact = aggregate.column().int_value(key)};
}

Result<void> compute_expressions(const query::PlanShape& shape, Groups& groups) {
  for (std::size_t i = 0; i < groups.outputs.size(); ++i) {
    if (!groups.outputs[i].expression) continue;
    Computation computation(shape, *shape.projections[i].expression, groups);
    std::vector<GroupNumber>& results = groups.expressions[*groups.outputs[i].expression];
    results.resize(groups.size());
    for (std::uint32_t group = 0; group < groups.size(); ++group) {
      if (!computation.compute(group, results[group]))
        return fail(ErrorCode::internal, "The engine failed.", "an expression has more than 38 digits");
    }
  }
  return {};
}

}  // namespace offloader::index
