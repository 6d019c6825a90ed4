#include "offloader/query/describe.h"

#include <functional>
#include <vector>

#include "offloader/base/json_text.h"
#include "offloader/base/timestamp.h"

namespace offloader::query {
namespace {

struct ValueText {
  std::string& out;

  void operator()(bool value) const { json::append_bool(out, value); }
  void operator()(std::int64_t value) const { json::append_int(out, value); }
  void operator()(double value) const { json::append_double(out, value); }
  void operator()(Date value) const { append_date(out, value.days); }
  void operator()(Timestamp value) const { append_timestamp(out, value.micros); }
  void operator()(const std::string& value) const { json::append_string(out, value); }
  void operator()(const Decimal& value) const { append_decimal(out, value.unscaled, value.scale); }
  void operator()(const Uuid& value) const { append_uuid(out, value); }
  void operator()(Nothing) const { out += "nothing"; }
};

std::string describe(const Test& test) {
  struct Namer {
    std::string operator()(const Compare& compare) const {
      return std::string(name_of(compare.comparison)) + (compare.or_null ? " or null" : "");
    }
    std::string operator()(const Among& among) const {
      return std::string(among.by_day ? "day " : "") + (among.negated ? "not in" : "in") +
             (among.or_null ? " or null" : "");
    }
    std::string operator()(const Match& match) const {
      switch (match.how) {
        case Match::How::prefix:
          return "prefix";
        case Match::How::contains:
          return "contains";
        case Match::How::icontains:
          return "icontains";
      }
      return "";
    }
    std::string operator()(const NullTest&) const { return "is null"; }
    std::string operator()(const CompareDay& day) const {
      return "day " + std::string(name_of(day.comparison)) + (day.or_null ? " or null" : "");
    }
  };
  return std::visit(Namer{}, test);
}

std::string describe(const Condition& condition) {
  std::string text = describe(condition.test);
  // Only tests of days have a zone.
  if (!condition.zone.empty()) text.insert(std::string_view("day").size(), "(" + condition.zone + ")");
  return text;
}

// Such as `day in Europe/Berlin of`.
std::string describe(const Bucket& bucket) {
  std::string text(name_of(bucket.grain));
  if (bucket.grain == catalog::Grain::week && bucket.week_start == catalog::WeekStart::sunday)
    text += " from sunday";
  if (!bucket.zone.empty()) text += " in " + bucket.zone;
  return text + " of ";
}

std::string describe_axis(const AxisBounds& axis) {
  std::string text;
  const auto add = [&](std::string_view label, const auto& value) {
    if (!value) return;
    text += text.empty() ? "" : ", ";
    text += label;
    ValueText{text}(*value);
  };
  add("from day ", axis.first_day);
  add("from ", axis.first);
  add("to day ", axis.last_day);
  add("to ", axis.last);
  return text.empty() ? "what occurs" : text;
}

std::string describe(const catalog::Expression& expression, const PlanShape& shape) {
  using Kind = catalog::ExpressionStep::Kind;
  constexpr std::string_view kSigns[] = {"", "", "negated", "+", "-", "*", "/"};
  std::string text;
  for (const catalog::ExpressionStep& step : expression.steps) {
    if (!text.empty()) text += ' ';
    if (step.kind == Kind::aggregate) {
      text += shape.projections[step.select].as;
    } else if (step.kind == Kind::number) {
      text += step.number;
    } else {
      text += kSigns[static_cast<std::size_t>(step.kind)];
    }
  }
  return text;
}

// Returns a text for each condition, with its value.
std::vector<std::string> describe(const BoundConditions& bound,
                                  const std::function<std::string_view(std::size_t)>& name_of_column) {
  std::vector<std::string> texts;
  std::size_t next_list = 0;
  std::size_t any = 0;
  for (std::size_t i = 0; i < bound.conditions.size(); ++i) {
    const Condition& condition = bound.conditions[i];
    std::string text = condition.any == 0 ? "" : condition.any == any ? "or " : "either ";
    any = condition.any;
    text += name_of_column(condition.column);
    text += ' ';
    text += name_of(condition.type);
    text += ' ';
    text += describe(condition);
    text += ' ';
    if (std::holds_alternative<Among>(condition.test)) {
      text += '[';
      const ValueList& list = bound.lists[next_list++];
      for (std::size_t k = 0; k < list.size(); ++k) {
        if (k > 0) text += ", ";
        std::visit(ValueText{text}, list[k]);
      }
      text += ']';
    } else {
      std::visit(ValueText{text}, bound.values[i]);
    }
    texts.push_back(std::move(text));
  }
  if (bound.never) texts.emplace_back("nothing matches");
  return texts;
}

std::string call(const Projection& projection, const PlanShape& shape, const std::string& column) {
  const Measure& measure = projection.measure;
  std::string text = std::string(name_of(*projection.aggregate)) + "(" + (measure.rows ? "*" : column);
  if (!measure.quantile.empty()) text += ", " + measure.quantile + (measure.discrete ? " disc" : " cont");
  if (measure.by) text += " by " + shape.schema[*measure.by].name;
  return text + ")";
}

std::string describe(const Projection& projection, const PlanShape& shape) {
  if (projection.expression) {
    return describe(*projection.expression, shape) + " " + name_of(projection.expression->type) + " as " +
           projection.as + (projection.as_text ? " in text" : "");
  }
  const std::string& column = shape.schema[projection.column].name;
  std::string text = column + " " + name_of(projection.type);
  if (projection.aggregate) text = call(projection, shape, text);
  if (projection.measure.filters_rows()) {
    const auto conditions = describe(projection.measure.conditions(),
                                     [&](std::size_t at) { return std::string_view(shape.schema[at].name); });
    for (std::size_t i = 0; i < conditions.size(); ++i)
      text += (i == 0 ? " where " : " and ") + conditions[i];
  }
  if (projection.bucket) text = describe(*projection.bucket) + text;
  if (projection.aggregate || projection.bucket || projection.as != column) text += " as " + projection.as;
  return text + (projection.as_text ? " in text" : "");
}

std::string describe(const TopRows& top, const PlanShape& shape) {
  std::string text = std::to_string(top.limit);
  for (std::size_t i = 0; i < top.per.size(); ++i)
    text += (i == 0 ? " per " : ", ") + shape.projections[top.per[i]].as;
  for (std::size_t i = 0; i < top.order.size(); ++i) {
    const OrderKey& key = top.order[i];
    text += (i == 0 ? " by " : ", ") + shape.projections[key.projection].as + (key.descending ? " desc" : "");
  }
  return text;
}

// Formats a projection without any value.
std::string outline(const Projection& projection, const PlanShape& shape) {
  if (projection.expression) return describe(*projection.expression, shape);
  const std::string& column = shape.schema[projection.column].name;
  if (projection.bucket) return describe(*projection.bucket) + column;
  if (!projection.aggregate) return column;
  std::string text = call(projection, shape, column);
  for (const Condition& condition : projection.measure.where) {
    text += &condition == projection.measure.where.data() ? " where " : " and ";
    text += shape.schema[condition.column].name + " " + describe(condition) + " ?";
  }
  return text;
}

std::string describe(const Seek& after) {
  std::string text = "(";
  for (std::size_t i = 0; i < after.keys.size(); ++i) {
    if (i > 0) text += ", ";
    std::visit(ValueText{text}, after.keys[i]);
  }
  return text + ")";
}

// Lines with `label` before the first and an indent of the same width before the others.
class Block {
 public:
  Block(std::string& out, std::string_view label) : out_(out), label_(label) {}

  void line(std::string_view text) {
    out_ += first_ ? label_ : std::string(label_.size(), ' ');
    out_ += ' ';
    out_ += text;
    out_ += '\n';
    first_ = false;
  }

 private:
  std::string& out_;
  std::string label_;
  bool first_ = true;
};

void describe_conditions(std::string& out, const Plan& plan) {
  const PlanShape& shape = *plan.shape;
  const auto texts = describe(
      plan.filters(), [&](std::size_t column) { return std::string_view(shape.schema[column].name); });
  Block block(out, "where   ");
  for (std::size_t i = 0; i < texts.size(); ++i)
    block.line(texts[i] + (shape.tenant_scoped && i == 0 ? "  (tenant)" : ""));
}

}  // namespace

std::string to_text(const Plan& plan) {
  const PlanShape& shape = *plan.shape;
  std::string out;
  Block(out, "endpoint").line(shape.endpoint);
  Block(out, "dataset ").line(shape.dataset);
  Block select(out, "select  ");
  for (const Projection& projection : shape.projections) select.line(describe(projection, shape));
  describe_conditions(out, plan);
  Block group(out, "group by");
  for (const std::size_t at : shape.group_by) group.line(shape.projections[at].as);
  if (shape.aggregated && shape.group_by.empty()) group.line("nothing: one row");
  if (const Bucket* const bucket = shape.filled()) {
    Block(out, "fill    ")
        .line(std::string(bucket->fill == catalog::Fill::zero ? "zero " : "null ") +
              describe_axis(plan.axis));
  }
  Block having(out, "having  ");
  for (const std::string& text : describe(plan.group_filters(), [&](std::size_t projection) {
         return std::string_view(shape.projections[projection].as);
       })) {
    having.line(text);
  }
  Block order(out, "order by");
  for (const OrderKey& key : shape.order) {
    order.line(shape.projections[key.projection].as + (key.descending ? " desc" : ""));
  }
  if (shape.top) Block(out, "top     ").line(describe(*shape.top, shape));
  if (plan.after) {
    Block(out, "page    ")
        .line(std::to_string(plan.limit) + " rows after " + describe(*plan.after) + ", skipping " +
              std::to_string(plan.after->skip));
  } else {
    Block(out, "page    ").line(std::to_string(plan.limit) + " rows from " + std::to_string(plan.offset));
  }
  std::string columns;
  for (const std::size_t at : plan.columns)
    columns += (columns.empty() ? "" : ", ") + shape.projections[at].as;
  Block(out, "columns ").line(columns);
  Block totals(out, "totals  ");
  if (plan.total_rows) totals.line("the number of rows");
  if (plan.totals != nullptr) {
    std::string names;
    for (const std::size_t at : plan.total_columns)
      names += (names.empty() ? "" : ", ") + plan.totals->projections[at].as;
    totals.line("of all rows: " + names);
  }
  return out;
}

std::string to_text(const PlanShape& shape) {
  std::string out;
  const auto list = [&](std::string_view label, std::size_t count, const auto& item) {
    for (std::size_t i = 0; i < count; ++i) {
      out += i == 0 ? std::string(out.empty() ? "" : " ") + std::string(label) + " " : ", ";
      out += item(i);
    }
  };
  list("select", shape.projections.size(),
       [&](std::size_t i) { return outline(shape.projections[i], shape); });
  out += " from " + shape.dataset;
  list("where", shape.conditions.size(), [&](std::size_t i) {
    const Condition& condition = shape.conditions[i];
    const bool alternative = i > 0 && condition.any != 0 && condition.any == shape.conditions[i - 1].any;
    return std::string(alternative ? "or " : "") + shape.schema[condition.column].name + " " +
           describe(condition) + " ?";
  });
  list("group by", shape.group_by.size(),
       [&](std::size_t i) { return shape.projections[shape.group_by[i]].as; });
  if (shape.filled() != nullptr) out += " fill";
  list("having", shape.having.size(), [&](std::size_t i) {
    const Condition& condition = shape.having[i];
    return shape.projections[condition.column].as + " " + describe(condition) + " ?";
  });
  if (shape.top) out += " top " + describe(*shape.top, shape);
  list("order by", shape.order.size(), [&](std::size_t i) {
    const OrderKey& key = shape.order[i];
    return shape.projections[key.projection].as + (key.descending ? " desc" : "");
  });
  return out;
}

}  // namespace offloader::query
