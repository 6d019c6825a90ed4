#include "measure_block.h"

#include <array>

#include "filters.h"
#include "offloader/catalog/decimal_text.h"

namespace offloader::catalog {
namespace {

constexpr auto kAggregateWords = words_of(kAggregates);
constexpr std::array<std::string_view, 2> kMethods = {"cont", "disc"};
constexpr std::size_t kMostQuantileDigits = 10;  // after the point

void check_aggregate(const Fields& fields, const AggregateRow& aggregate, const SizedType& type) {
  if (aggregate.of.contains(type)) return;
  if (type == ColumnType::json) {
    fields.at("agg").report("invalid_agg_on_json", "a JSON column can be counted, and nothing else",
                            "use `agg: count`, or select another column");
    return;
  }
  const std::string wanted = names_of(aggregate.of, " or ");
  fields.at("agg").report("invalid_agg",
                          std::string(aggregate.name) + " needs " +
                              (aggregate.of == kNumericTypes ? "a number" : wanted) + ", but the column is " +
                              name_of(type),
                          "the column must be " + wanted);
}

// Returns the share in its shortest form.
std::optional<std::string> read_share(const Value& at) {
  const auto text = as_scalar_text(at);
  if (!text) return std::nullopt;
  const auto number = parse_decimal(*text, DecimalForm::lenient);
  if (!number) {
    at.report("invalid_value", at.source->quote(*text) + " is not a decimal number", "such as 0.95");
    return std::nullopt;
  }
  const bool above = compare(*number, DecimalText{.whole = "1"}) > 0;
  if (number->negative || above || number->fraction.size() > kMostQuantileDigits) {
    at.report("invalid_value", "q must be from 0 to 1, with at most 10 digits after the point",
              "such as 0.95");
    return std::nullopt;
  }
  return to_text(*number);
}

// Reports `field` if it is there although the aggregate does not take it. Returns whether it takes it.
bool belongs(const Fields& fields, std::string_view field, bool taken, std::string_view to) {
  const Value at = fields.written(field);
  if (taken || !at.present()) return taken;
  at.report("invalid_value", "`" + std::string(field) + "` belongs to " + std::string(to),
            "remove it, or use " + std::string(to));
  return false;
}

void read_quantile(const Fields& fields, bool taken, Measure& measure) {
  const bool method = belongs(fields, "method", taken, "`agg: quantile`");
  if (!belongs(fields, "q", taken, "`agg: quantile`")) return;
  const Value at = fields.get("q", Need::required);
  if (at.present()) measure.quantile = read_share(at).value_or("");
  measure.discrete = method && fields.choice("method", Need::optional, kMethods) == std::size_t{1};
}

void read_by(const Fields& fields, const DatasetDraft* dataset, bool taken, Measure& measure) {
  if (!belongs(fields, "by", taken, "`agg: first` and `agg: last`")) return;
  const auto by = read_schema_column(fields, dataset, "by");
  if (!by) return;
  if (dataset->dataset.schema[*by].type == ColumnType::json) {
    fields.at("by").report("invalid_value", "rows cannot be ordered by a JSON column", "name another column");
    return;
  }
  measure.by = by;
}

// Whether the select counts rows. Reports `*` for other aggregates.
bool counts_rows(const Fields& fields, std::optional<Aggregate> aggregate) {
  const Value at = fields.at("column");
  if (!at.present() || at.node->kind != yaml::Kind::string || at.node->text != "*") return false;
  if (aggregate != Aggregate::count) {
    at.report("invalid_value", "`*` stands for whole rows, which only `agg: count` takes",
              "use `agg: count`, or name a column");
  }
  return true;
}

}  // namespace

void read_measure(const Fields& fields, const DatasetDraft* dataset, Select& select, SelectDraft& draft) {
  const auto agg = fields.choice("agg", Need::optional, kAggregateWords);
  const AggregateRow* const row = agg ? &kAggregates[*agg] : nullptr;
  if (row != nullptr) select.aggregate = row->aggregate;
  draft.aggregated = fields.at("agg").present();
  select.measure.rows = counts_rows(fields, select.aggregate);
  if (select.measure.rows) {
    if (select.aggregate == Aggregate::count) draft.result = ColumnType::bigint;
  } else if (const auto column = read_schema_column(fields, dataset)) {
    select.column = *column;
    draft.type = dataset->dataset.schema[*column].type;
    if (row != nullptr) check_aggregate(fields, *row, *draft.type);
    if (row != nullptr && row->of.contains(*draft.type)) draft.result = row->result(*draft.type);
    if (!draft.aggregated) draft.result = draft.type;
  }
  // The details of an unknown aggregate are not checked.
  if (draft.aggregated && row == nullptr) return;
  read_quantile(fields, select.aggregate == Aggregate::quantile, select.measure);
  read_by(fields, dataset, row != nullptr && row->ordered, select.measure);
  if (belongs(fields, "where", row != nullptr, "aggregates"))
    read_where(fields, dataset, select.measure.where);
}

}  // namespace offloader::catalog
