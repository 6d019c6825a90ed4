#include <bit>

#include "canonical_writer.h"
#include "offloader/query/compiler.h"

namespace offloader::query {
namespace {

struct ValueWriter {
  CanonicalWriter& out;

  void operator()(bool value) const { out.tag(value ? 't' : 'f'); }
  void operator()(std::int64_t value) const {
    out.tag('i');
    out.signed_number(value);
  }
  void operator()(double value) const {
    out.tag('d');
    out.number(std::bit_cast<std::uint64_t>(value));
  }
  void operator()(Date value) const {
    out.tag('D');
    out.signed_number(value.days);
  }
  void operator()(Timestamp value) const {
    out.tag('T');
    out.signed_number(value.micros);
  }
  void operator()(const std::string& value) const {
    out.tag('s');
    out.text(value);
  }
  // The column's scale is the same for all plans of a compiler.
  void operator()(const Decimal& value) const {
    out.tag('e');
    out.number(static_cast<std::uint64_t>(static_cast<Uint128>(value.unscaled) >> 64));
    out.number(static_cast<std::uint64_t>(value.unscaled));
  }
  void operator()(const Uuid& value) const {
    out.tag('u');
    out.number(value.high);
    out.number(value.low);
  }
  void operator()(Nothing) const { out.tag('n'); }
};

// Writes the test and its value. The letters are part of cache keys: never change or reuse them.
struct TestWriter {
  CanonicalWriter& out;
  const Value& value;
  const ValueList* list;  // of Among

  void operator()(const Compare& test) const {
    out.tag(static_cast<char>('0' + number_of(test.comparison)));
    if (test.or_null) out.tag('N');
    std::visit(ValueWriter{out}, value);
  }
  void operator()(const Among& test) const {
    out.tag('a');
    out.tag(static_cast<char>('0' + (test.negated ? 1 : 0) + (test.or_null ? 2 : 0) + (test.by_day ? 4 : 0)));
    out.number(list->size());
    for (const Value& each : *list) std::visit(ValueWriter{out}, each);
  }
  void operator()(const Match& test) const {
    out.tag(test.how == Match::How::prefix ? 'p' : test.how == Match::How::contains ? 'c' : 'i');
    std::visit(ValueWriter{out}, value);
  }
  void operator()(const NullTest&) const {
    out.tag('z');
    std::visit(ValueWriter{out}, value);
  }
  void operator()(const CompareDay& test) const {
    out.tag('l');
    out.tag(static_cast<char>('0' + number_of(test.comparison)));
    if (test.or_null) out.tag('N');
    std::visit(ValueWriter{out}, value);
  }
};

void write_bucket(CanonicalWriter& out, const Bucket& bucket, const AxisBounds& axis) {
  out.tag('b');
  out.number(number_of(bucket.grain));
  out.text(bucket.zone);
  if (!bucket.fills()) return;
  const auto bound = [&](char name, const auto& value) {
    if (!value) return;
    out.tag(name);
    ValueWriter{out}(*value);
  };
  bound('f', axis.first_day);
  bound('l', axis.last_day);
  bound('F', axis.first);
  bound('L', axis.last);
}

// Contracts without `having` keep their forms.
void append_group_filters(CanonicalWriter& writer, const Plan& plan) {
  const std::vector<Condition>& having = plan.shape->having;
  if (having.empty()) return;
  writer.tag('h');
  writer.number(having.size());
  const ValueList* list = plan.having_lists.data();
  for (std::size_t i = 0; i < having.size(); ++i) {
    writer.number(having[i].column);
    std::visit(TestWriter{writer, plan.having_values[i], list}, having[i].test);
    if (std::holds_alternative<Among>(having[i].test)) ++list;
  }
}

}  // namespace

void append_canonical(std::string& out, const Plan& plan) {
  CanonicalWriter writer(out);
  const PlanShape& shape = *plan.shape;
  // If nothing can match, the other conditions do not matter: all such plans of one tenant mean the same.
  const std::size_t told = plan.never ? (shape.tenant_scoped ? 1 : 0) : shape.conditions.size();
  writer.tag(plan.never ? 'n' : 'q');
  writer.number(told);
  const ValueList* list = plan.lists.data();
  for (std::size_t i = 0; i < told; ++i) {
    const Condition& condition = shape.conditions[i];
    writer.number(condition.column);
    if (condition.any != 0) {
      writer.tag('A');
      writer.number(condition.any);
    }
    std::visit(TestWriter{writer, plan.values[i], list}, condition.test);
    if (std::holds_alternative<Among>(condition.test)) ++list;
  }
  if (shape.bucketed) {
    write_bucket(writer, *shape.projections[*shape.bucketed].bucket, plan.axis);
  } else if (!shape.zone.empty()) {
    writer.tag('Z');
    writer.text(shape.zone);
  }
  writer.signed_number(plan.limit);
  writer.signed_number(plan.offset);
  writer.number(plan.columns.size());
  for (const std::size_t column : plan.columns) writer.number(column);
  // Nothing follows for an endpoint without these choices, so that its keys stay the same.
  if (!shape.choices.empty()) {
    writer.tag('C');
    writer.text(shape.choices);
  }
  if (plan.total_rows) writer.tag('R');
  if (plan.totals != nullptr) writer.tag('G');
  if (plan.after) {
    writer.tag('S');
    writer.number(plan.after->keys.size());
    for (const Value& key : plan.after->keys) {
      // Unlike the value of a condition, a key may have any scale.
      if (const auto* const decimal = std::get_if<Decimal>(&key)) writer.number(decimal->scale);
      std::visit(ValueWriter{writer}, key);
    }
    writer.signed_number(plan.after->skip);
  }
  append_group_filters(writer, plan);
}

}  // namespace offloader::query
