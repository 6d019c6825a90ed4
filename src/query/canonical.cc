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
};

}  // namespace

void append_canonical(std::string& out, const Plan& plan) {
  CanonicalWriter writer(out);
  const PlanShape& shape = *plan.shape;
  // If nothing can match, the other conditions do not matter: all such plans of one tenant mean the same.
  const std::size_t told = plan.never ? (shape.tenant_scoped ? 1 : 0) : shape.conditions.size();
  writer.tag(plan.never ? 'n' : 'q');
  writer.number(told);
  for (std::size_t i = 0; i < told; ++i) {
    writer.number(shape.conditions[i].column);
    writer.tag(static_cast<char>('0' + number_of(shape.conditions[i].comparison)));
    std::visit(ValueWriter{writer}, plan.values[i]);
  }
  writer.signed_number(plan.limit);
  writer.signed_number(plan.offset);
  writer.number(plan.columns.size());
  for (const std::size_t column : plan.columns) writer.number(column);
}

}  // namespace offloader::query
