#include "select_block.h"

#include <algorithm>
#include <array>

#include "bucket_block.h"
#include "filters.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 4> kFields = {"as", "column", "agg", "bucket"};
constexpr auto kAggregateWords = words_of(kAggregates);

void check_aggregate(const Fields& fields, const AggregateRow& aggregate, const SizedType& type) {
  if (aggregate.of.contains(type)) return;
  if (type == ColumnType::json) {
    fields.at("agg").report("invalid_agg_on_json", "a JSON column cannot be aggregated",
                            "remove `agg`, or select another column");
    return;
  }
  const std::string wanted = names_of(aggregate.of, " or ");
  fields.at("agg").report("invalid_agg",
                          std::string(aggregate.name) + " needs " +
                              (aggregate.of == kNumericTypes ? "a number" : wanted) + ", but the column is " +
                              name_of(type),
                          "the column must be " + wanted);
}

// Reports a bucket that follows another.
void check_only_bucket(const Fields& fields, const Endpoint& endpoint) {
  const auto bucketed = std::find_if(endpoint.select.begin(), endpoint.select.end(),
                                     [](const Select& select) { return select.bucket.has_value(); });
  if (bucketed == endpoint.select.end()) return;
  fields.at("bucket").report(
      "invalid_bucket", "an endpoint has one bucketed column, and \"" + bucketed->as + "\" already is one",
      "remove one of the buckets, or make another endpoint");
}

}  // namespace

void Selects::read(const Fields& query, const DatasetDraft* dataset, const ParamDrafts& params,
                   Endpoint& endpoint, std::set<std::size_t>& used) {
  for (const Value& item : query.list("select", Need::required)) {
    const Fields fields(item, kFields);
    if (fields.readable()) {
      read_one(fields, dataset, params, endpoint, used);
    } else {
      complete_ = false;
    }
  }
  if (drafts_.empty()) complete_ = false;
}

void Selects::read_one(const Fields& fields, const DatasetDraft* dataset, const ParamDrafts& params,
                       Endpoint& endpoint, std::set<std::size_t>& used) {
  const auto as = read_column_name(fields, "as");
  const auto column = read_schema_column(fields, dataset);
  const auto agg = fields.choice("agg", Need::optional, kAggregateWords);
  SelectDraft draft{fields.at("as"), as.value_or(""), fields.at("agg").present(), std::nullopt};
  Select select{draft.as, column.value_or(0), std::nullopt};
  if (agg) select.aggregate = kAggregates[*agg].aggregate;
  if (column) draft.type = dataset->dataset.schema[*column].type;
  if (agg && draft.type) check_aggregate(fields, kAggregates[*agg], *draft.type);
  if (fields.at("bucket").present()) {
    check_only_bucket(fields, endpoint);
    read_bucket(fields, draft.type, params, used, select.bucket);
    draft.fills = select.bucket && select.bucket->fill != Fill::none;
  }
  if (as) {
    check_name(draft);
  } else {
    complete_ = false;
  }
  drafts_.push_back(std::move(draft));
  endpoint.select.push_back(std::move(select));
}

void Selects::check_name(const SelectDraft& draft) {
  by_name_.emplace(draft.as, drafts_.size());
  const auto [first, inserted] = names_.emplace(lower_case(draft.as), draft.as);
  if (inserted) return;
  draft.at.report("duplicate_column",
                  first->second == draft.as
                      ? "\"" + draft.as + "\" is selected twice"
                      : "\"" + draft.as + "\" and \"" + first->second + "\" differ only in case",
                  "give one of them another name");
}

std::optional<std::size_t> Selects::find(const Value& at, std::string_view code) const {
  const auto name = as_text(at);
  if (!name) return std::nullopt;
  if (const auto found = by_name_.find(*name); found != by_name_.end()) return found->second;
  if (!complete_) return std::nullopt;
  at.report(code, "`select` has no column " + at.source->quote(*name), [&] {
    std::vector<std::string> names;
    for (const SelectDraft& each : drafts_) names.push_back(each.as);
    return hint_for(*name, names, "selected");
  });
  return std::nullopt;
}

}  // namespace offloader::catalog
