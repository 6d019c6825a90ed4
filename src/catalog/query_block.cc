#include "query_block.h"

#include <algorithm>
#include <array>
#include <set>

#include "filters.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 4> kFields = {"select", "filters", "group_by", "order_by"};
constexpr std::array<std::string_view, 3> kSelectFields = {"as", "column", "agg"};
constexpr std::array<std::string_view, 2> kOrderFields = {"column", "dir"};
constexpr auto kAggregateWords = words_of(kAggregates);
constexpr std::array<std::string_view, 2> kDirections = {"asc", "desc"};

// `type` is set if the column is known. Checks that need the type are otherwise skipped.
struct SelectDraft {
  Value at;
  std::string as;
  bool aggregated = false;
  std::optional<SizedType> type;
};

class QueryReader {
 public:
  QueryReader(const Fields& fields, const DatasetDraft* dataset, const ParamDrafts& params,
              Endpoint& endpoint)
      : endpoint_fields_(fields),
        query_(fields.get("query", Need::required), kFields),
        dataset_(dataset),
        params_(params),
        endpoint_(endpoint) {}

  void read() {
    std::set<std::size_t> used;
    if (query_.readable()) {
      read_select();
      read_filters(query_, dataset_, params_, endpoint_.filters, used);
      read_group_by();
      read_order_by();
      for (std::size_t i = 0; i < params_.list().size(); ++i) {
        if (used.contains(i)) continue;
        const ParamDraft& param = params_.list()[i];
        param.at.report("unused_param", "no filter uses the param \"" + param.param.name + "\"",
                        "add a filter, or remove the param", Severity::warning);
      }
    }
    read_columns();
  }

 private:
  static void check_aggregate(const Fields& fields, const AggregateRow& aggregate, const SizedType& type) {
    if (aggregate.of.contains(type)) return;
    if (type == ColumnType::json) {
      fields.at("agg").report("invalid_agg_on_json", "a JSON column cannot be aggregated",
                              "remove `agg`, or select another column");
      return;
    }
    const std::string wanted = names_of(aggregate.of, " or ");
    fields.at("agg").report("invalid_agg",
                            std::string(aggregate.name) + " needs " +
                                (aggregate.of == kNumericTypes ? "a number" : wanted) +
                                ", but the column is " + name_of(type),
                            "the column must be " + wanted);
  }

  void read_select() {
    std::map<std::string, std::string> names;  // lower case → as written
    for (const Value& item : query_.list("select", Need::required)) {
      const Fields fields(item, kSelectFields);
      if (!fields.readable()) {
        selects_complete_ = false;
        continue;
      }
      const auto as = read_column_name(fields, "as");
      const auto column = read_schema_column(fields, dataset_);
      const auto agg = fields.choice("agg", Need::optional, kAggregateWords);
      SelectDraft draft{fields.at("as"), as.value_or(""), fields.at("agg").present(), std::nullopt};
      Select select{draft.as, column.value_or(0), std::nullopt};
      if (agg) select.aggregate = kAggregates[*agg].aggregate;
      if (column) draft.type = dataset_->dataset.schema[*column].type;
      if (agg && draft.type) check_aggregate(fields, kAggregates[*agg], *draft.type);
      if (!as) {
        selects_complete_ = false;
      } else if (const auto [first, inserted] = names.emplace(lower_case(*as), *as); !inserted) {
        draft.at.report("duplicate_column",
                        first->second == *as
                            ? "\"" + *as + "\" is selected twice"
                            : "\"" + *as + "\" and \"" + first->second + "\" differ only in case",
                        "give one of them another name");
      }
      if (as) by_name_.emplace(*as, selects_.size());
      selects_.push_back(std::move(draft));
      endpoint_.select.push_back(std::move(select));
    }
    if (selects_.empty()) selects_complete_ = false;
  }

  std::optional<std::size_t> find_select(const Value& at, std::string_view code) {
    const auto name = as_text(at);
    if (!name) return std::nullopt;
    if (const auto found = by_name_.find(*name); found != by_name_.end()) return found->second;
    if (!selects_complete_) return std::nullopt;
    at.report(code, "`select` has no column " + at.source->quote(*name), [&] {
      std::vector<std::string> names;
      for (const SelectDraft& each : selects_) names.push_back(each.as);
      return hint_for(*name, names, "selected");
    });
    return std::nullopt;
  }

  void read_group_by() {
    const Value at = query_.at("group_by");
    const std::vector<Value> items = query_.list("group_by", Need::optional);
    std::set<std::size_t> grouped;
    for (const Value& item : items) {
      const auto index = find_select(item, "unknown_column");
      if (!index) continue;
      if (selects_[*index].aggregated) {
        item.report("invalid_value",
                    "\"" + selects_[*index].as + "\" is an aggregate and cannot be in `group_by`",
                    "remove it from `group_by`");
      } else if (!grouped.insert(*index).second) {
        item.report("duplicate_column", "\"" + selects_[*index].as + "\" is in `group_by` twice",
                    "remove one of them");
      } else {
        endpoint_.group_by.push_back(*index);
      }
    }
    if (at.present() && at.node->kind != yaml::Kind::sequence) return;
    const auto aggregated = [](const SelectDraft& each) { return each.aggregated; };
    const bool mixed = std::any_of(selects_.begin(), selects_.end(), aggregated) &&
                       !std::all_of(selects_.begin(), selects_.end(), aggregated);
    if (items.empty()) {
      if (mixed) {
        at.report("missing_group_by", "aggregates and plain columns are selected together without `group_by`",
                  "list the plain columns under `group_by`");
      }
      return;
    }
    for (std::size_t i = 0; i < selects_.size(); ++i) {
      if (selects_[i].aggregated || selects_[i].as.empty() || grouped.contains(i)) continue;
      selects_[i].at.report("ungrouped_column",
                            "\"" + selects_[i].as + "\" is neither aggregated nor in `group_by`",
                            "add it to `group_by`, or give it an `agg`");
    }
  }

  void read_order_by() {
    std::set<std::size_t> ordered;
    for (const Value& item : query_.list("order_by", Need::optional)) {
      const Fields fields(item, kOrderFields);
      if (!fields.readable()) continue;
      const Value at = fields.get("column", Need::required);
      const auto direction = fields.choice("dir", Need::optional, kDirections);
      const auto index = at.present() ? find_select(at, "unknown_column") : std::nullopt;
      if (!index) continue;
      if (selects_[*index].type == SizedType(ColumnType::json) && !selects_[*index].aggregated) {
        at.report("invalid_value", "a JSON column cannot be sorted", "remove it from `order_by`");
      } else if (!ordered.insert(*index).second) {
        at.report("duplicate_column", "\"" + selects_[*index].as + "\" is in `order_by` twice",
                  "remove one of them");
      } else {
        endpoint_.order_by.push_back({*index, direction == std::size_t{1}});
      }
    }
  }

  void read_columns() {
    const Value at = endpoint_fields_.at("columns");
    const std::vector<Value> items = endpoint_fields_.list("columns", Need::required);
    std::set<std::size_t> listed;
    for (const Value& item : items) {
      const auto index = find_select(item, "column_not_selected");
      if (index && !listed.insert(*index).second) {
        item.report("duplicate_column", "\"" + selects_[*index].as + "\" is listed twice",
                    "remove one of them");
      }
    }
    if (items.empty()) return;
    for (const SelectDraft& select : selects_) {
      // If several selects have the same name, `columns` refers to the first.
      if (select.as.empty() || listed.contains(by_name_.find(select.as)->second)) continue;
      select.at.report("column_not_allowlisted",
                       "\"" + select.as + "\" is selected, but `columns` does not list it",
                       "add it to `columns`, or remove it from `select`");
    }
  }

  const Fields& endpoint_fields_;
  Fields query_;
  const DatasetDraft* dataset_;
  const ParamDrafts& params_;
  Endpoint& endpoint_;
  std::vector<SelectDraft> selects_;
  std::map<std::string, std::size_t, std::less<>> by_name_;  // `as` → index of the first select with it
  bool selects_complete_ =
      true;  // false: some select has no readable name, so an unknown name may be that one
};

}  // namespace

void read_query(const Fields& fields, const DatasetDraft* dataset, const ParamDrafts& params,
                Endpoint& endpoint) {
  QueryReader(fields, dataset, params, endpoint).read();
}

}  // namespace offloader::catalog
