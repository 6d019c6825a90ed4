#include "select_block.h"

#include <algorithm>
#include <array>

#include "bucket_block.h"
#include "filters.h"
#include "measure_block.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 11> kFields = {
    "as", "column", "description", "agg", "q", "method", "by", "where", "expr", "encode", "bucket"};
constexpr std::array<std::string_view, 7> kNotBesideExpr = {"column", "agg",   "q",     "method",
                                                            "by",     "where", "bucket"};
constexpr std::array<std::string_view, 1> kEncodings = {"string"};

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
  std::vector<Fields> readable;
  for (const Value& item : query.list("select", Need::required)) {
    Fields fields(item, kFields);
    if (fields.readable()) {
      read_one(fields, dataset, params, endpoint, used);
      readable.push_back(std::move(fields));
    } else {
      complete_ = false;
    }
  }
  if (drafts_.empty()) complete_ = false;
  // An expression may name an aggregate that follows it.
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    if (drafts_[i].expression.present()) read_expression(i, endpoint.select[i]);
    check_encoding(readable[i], drafts_[i], endpoint.select[i]);
  }
}

void Selects::read_one(const Fields& fields, const DatasetDraft* dataset, const ParamDrafts& params,
                       Endpoint& endpoint, std::set<std::size_t>& used) {
  const auto as = read_column_name(fields, "as");
  SelectDraft draft{.at = fields.at("as"), .as = as.value_or(""), .encode = fields.at("encode")};
  Select select{.as = draft.as};
  select.description = fields.text("description", Need::optional).value_or("");
  if (fields.at("expr").present()) {
    draft.aggregated = true;
    draft.expression = fields.at("expr");
    for (const std::string_view field : kNotBesideExpr) {
      if (!fields.written(field).present()) continue;
      fields.written(field).report("invalid_value", "`" + std::string(field) + "` cannot stand beside `expr`",
                                   "remove it, or select it under a name of its own");
    }
  } else {
    read_measure(fields, dataset, select, draft);
    if (fields.at("bucket").present()) {
      check_only_bucket(fields, endpoint);
      read_bucket(fields, draft.type, params, used, select.bucket);
      draft.fills = select.bucket && select.bucket->fill != Fill::none;
      if (select.bucket && draft.type) draft.result = type_of(*select.bucket, *draft.type);
    }
  }
  if (as) {
    check_name(draft);
  } else {
    complete_ = false;
  }
  drafts_.push_back(std::move(draft));
  endpoint.select.push_back(std::move(select));
}

tl::expected<ExpressionPart, ExpressionError> Selects::find_part(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    if (!complete_) return ExpressionPart{};
    const std::string shown(name.substr(0, 63));
    std::vector<std::string> names;
    for (const SelectDraft& each : drafts_) {
      if (each.aggregated && !each.expression.present()) names.push_back(each.as);
    }
    return tl::unexpected(ExpressionError{0, "`select` has no aggregate \"" + shown + "\"",
                                          hint_for(shown, names, "aggregates")});
  }
  const SelectDraft& part = drafts_[found->second];
  const std::string shown = "\"" + part.as + "\"";
  if (part.expression.present()) {
    return tl::unexpected(
        ExpressionError{0, shown + " is an expression itself", "write its terms out in parentheses"});
  }
  if (!part.aggregated) {
    return tl::unexpected(
        ExpressionError{0, shown + " is not an aggregate", "give it an `agg`, or use an aggregate"});
  }
  if (part.result && !is_numeric(*part.result)) {
    return tl::unexpected(ExpressionError{0, shown + " is a " + name_of(*part.result) + ", not a number",
                                          "use an aggregate that is a number"});
  }
  return ExpressionPart{found->second, part.result};
}

void Selects::read_expression(std::size_t index, Select& select) {
  SelectDraft& draft = drafts_[index];
  const auto text = as_text(draft.expression);
  if (!text) return;
  bool known = true;
  auto parsed = parse_expression(*text, [&](std::string_view name) {
    auto part = find_part(name);
    known = known && part && part->type;
    return part;
  });
  if (!parsed) {
    draft.expression.report(
        "invalid_expr",
        "at character " + std::to_string(parsed.error().position) + ": " + parsed.error().message,
        parsed.error().hint);
    return;
  }
  if (known) draft.result = parsed->type;
  select.expression = std::move(*parsed);
}

void Selects::check_encoding(const Fields& fields, const SelectDraft& draft, Select& select) const {
  select.as_text = fields.choice("encode", Need::optional, kEncodings).has_value();
  if (!select.as_text || !draft.result) return;
  const ColumnType type = *draft.result;
  const bool wide = type == ColumnType::bigint || type == ColumnType::decimal;
  if (wide || select.aggregate == Aggregate::sum) return;
  fields.at("encode").report("invalid_value",
                             "`encode: string` belongs to BIGINT, DECIMAL and `sum`, but \"" + draft.as +
                                 "\" is " + name_of(*draft.result),
                             "remove it");
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
