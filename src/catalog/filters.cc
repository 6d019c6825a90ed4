#include "filters.h"

#include <array>

#include "filter_constant.h"
#include "offloader/catalog/param_value.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 7> kFilterFields = {"column", "op",  "param", "value",
                                                           "values", "any", "nulls"};
constexpr std::array<std::string_view, 5> kWhereFields = {"column", "op", "value", "values", "nulls"};
constexpr std::array<std::string_view, 1> kNullWords = {"include"};
constexpr auto kOpWords = words_of(kFilterOps);

class FilterReader {
 public:
  // Without `params`, filters compare with constants.
  FilterReader(const DatasetDraft* dataset, const ParamDrafts* params, std::vector<Filter>& filters,
               std::set<std::size_t>* used)
      : dataset_(dataset), params_(params), filters_(filters), used_(used) {}

  void read(const Value& item) {
    const Fields fields(item, kFilterFields);
    if (!fields.readable()) return;
    const Value any = fields.written("any");
    if (!any.present()) return read_one(fields, 0);
    for (const std::string_view field : kFilterFields) {
      if (field == "any" || !fields.written(field).present()) continue;
      fields.written(field).report("invalid_value", "`" + std::string(field) + "` cannot stand beside `any`",
                                   "move it into a filter of `any`");
    }
    ++anys_;
    for (const Value& each : fields.list("any", Need::required)) read_alternative(each);
  }

  void read_constant(const Value& item) {
    const Fields fields(item, kWhereFields);
    if (fields.readable()) read_one(fields, 0);
  }

  std::vector<Value> take_places() && { return std::move(places_); }

 private:
  void read_alternative(const Value& item) {
    const Fields fields(item, kFilterFields);
    if (!fields.readable()) return;
    if (const Value nested = fields.written("any"); nested.present()) {
      nested.report("invalid_value", "an `any` cannot contain another", "list its filters in the outer one");
      return;
    }
    read_one(fields, anys_);
  }

  void read_one(const Fields& fields, std::size_t any) {
    const auto column = read_schema_column(fields, dataset_);
    const auto op = fields.choice("op", Need::required, kOpWords);
    Filter filter{.column = column.value_or(0), .any = any};
    if (op) filter.op = kFilterOps[*op].op;
    const bool constant = fields.written("value").present() || fields.at("values").present();
    const auto param = constant ? std::nullopt : read_param(fields, op);
    if (params_ != nullptr && constant && fields.written("param").present()) {
      fields.at("param").report("invalid_value", "a filter compares either with a param or with a constant",
                                "remove `param`, or remove the constant");
    }
    filter.include_nulls = fields.choice("nulls", Need::optional, kNullWords).has_value();
    if (op && filter.include_nulls && !kFilterOps[*op].drops_nulls) {
      fields.at("nulls").report(
          "invalid_value",
          "`nulls` belongs to `ne` and `not_in`, not to `" + std::string(kFilterOps[*op].name) + "`",
          "remove it");
    }
    if (!check_column(fields, column, op) || !column) return;
    const ColumnType type = dataset_->dataset.schema[*column].type;
    if (constant) {
      if (op && check_constant_field(fields, kFilterOps[*op]) && read_constants(fields, type, filter))
        add(fields, std::move(filter));
      return;
    }
    if (param && check_filter_param(fields, type, op, params_->list()[*param]) && op) {
      filter.param = *param;
      add(fields, std::move(filter));
    }
  }

  void add(const Fields& fields, Filter filter) {
    filters_.push_back(std::move(filter));
    places_.push_back(fields.at("column"));
  }

  std::optional<std::size_t> read_param(const Fields& fields, std::optional<std::size_t> op) {
    if (params_ != nullptr) return read_param_name(fields, *params_, *used_);
    const bool list = op && kFilterOps[*op].operand == Operand::list;
    static_cast<void>(fields.get(list ? "values" : "value", Need::required));
    return std::nullopt;
  }

  // Returns whether the column, if it is known, can be filtered by the operator.
  bool check_column(const Fields& fields, std::optional<std::size_t> column, std::optional<std::size_t> op) {
    const auto name = fields.at("column");
    if (dataset_ != nullptr && !dataset_->tenant_name.empty() && name.present() &&
        name.node->text == dataset_->tenant_name) {
      name.report("tenant_filter_forbidden", "the tenant column is already filtered by the caller's key",
                  "remove the filter");
      return false;
    }
    if (!column) return true;
    const ColumnType type = dataset_->dataset.schema[*column].type;
    const TypeSet of = op ? kFilterOps[*op].of : kScalarTypes;
    if (of.contains(type)) return true;
    if (type == ColumnType::json) {
      name.report("invalid_value", "a " + std::string(name_of(type)) + " column cannot be filtered",
                  "remove the filter");
    } else {
      name.report("invalid_value",
                  std::string(kFilterOps[*op].name) + " needs " + names_of(of, " or ") +
                      ", but the column is " + std::string(name_of(type)),
                  "use another operator, or filter another column");
    }
    return false;
  }

  static bool check_constant_field(const Fields& fields, const FilterOpRow& op) {
    const bool list = op.operand == Operand::list;
    const Value extra = list ? fields.written("value") : fields.written("values");
    if (!extra.present()) return true;
    extra.report("invalid_value",
                 "`" + std::string(op.name) + (list ? "` compares with a list" : "` compares with one value"),
                 list ? "write `values: [a, b]`" : "write `value`, or use `in`");
    return false;
  }

  const DatasetDraft* dataset_;
  const ParamDrafts* params_;
  std::vector<Filter>& filters_;
  std::set<std::size_t>* used_;
  std::vector<Value> places_;  // of the columns of `filters_`
  std::size_t anys_ = 0;
};

// Warns of texts of the contract that cannot be compared with the column, so that every request with them is
// refused. No error: the contract may serve other values.
void check_own_texts(const Value& at, ColumnType type, const Param& param) {
  if (param.type != ParamType::string && param.type != ParamType::enumeration) return;
  const auto check = [&](std::string_view what, const std::string& text, std::string_view code) {
    if (readable_as(type, text)) return;
    at.report(code,
              std::string(what) + " " + at.source->quote(text) + " of the param is not a value of type " +
                  std::string(name_of(type)),
              "such as " + std::string(row_of(type).example), Severity::warning);
  };
  if (param.default_value) check("the default", *param.default_value, "invalid_default");
  for (const std::string& text : param.default_list.value_or(std::vector<std::string>()))
    check("the default", text, "invalid_default");
  for (const std::string& text : param.enum_values) check("the value", text, "invalid_value");
  if (param.type != ParamType::string) return;
  for (const auto& [alias, text] : param.aliases) check("the alias's text", text, "invalid_value");
}

}  // namespace

std::vector<Value> read_filters(const Fields& query, const DatasetDraft* dataset, const ParamDrafts& params,
                                std::vector<Filter>& filters, std::set<std::size_t>& used) {
  FilterReader reader(dataset, &params, filters, &used);
  for (const Value& item : query.list("filters", Need::optional)) reader.read(item);
  return std::move(reader).take_places();
}

void read_where(const Fields& select, const DatasetDraft* dataset, std::vector<Filter>& filters) {
  FilterReader reader(dataset, nullptr, filters, nullptr);
  for (const Value& item : select.list("where", Need::optional)) reader.read_constant(item);
}

bool check_filter_param(const Fields& fields, ColumnType type, std::optional<std::size_t> op,
                        const ParamDraft& draft) {
  const Value at = fields.at("param");
  const std::string_view param_type = name_of(draft.param.type);
  if (op && kFilterOps[*op].operand == Operand::flag) {
    if (draft.type_known && !takes(kFilterOps[*op], draft.param.type, type)) {
      at.report("param_type_mismatch",
                "is_null takes a param of type boolean, not of type " + std::string(param_type),
                "change the param's type");
      return false;
    }
  } else if (draft.type_known && !row_of(draft.param.type).columns.contains(type)) {
    at.report("param_type_mismatch",
              "a param of type " + std::string(param_type) + " cannot be compared with a column of type " +
                  std::string(name_of(type)),
              "change the param's type, or filter another column");
    return false;
  }
  if (!op || !draft.type_known) return op.has_value();
  check_own_texts(at, type, draft.param);
  const bool list = kFilterOps[*op].operand == Operand::list;
  if (list == draft.param.list_max.has_value()) return true;
  const std::string name = "`" + std::string(kFilterOps[*op].name) + "`";
  at.report(
      "invalid_value",
      list ? name + " needs a list, but the param takes one value"
           : name + " needs one value, but the param is a list",
      list ? "add `list: {max: 100}` to the param" : "use `in` or `not_in`, or remove the param's `list`");
  return false;
}

std::optional<std::size_t> read_param_name(const Fields& fields, const ParamDrafts& params,
                                           std::set<std::size_t>& used) {
  const auto name = fields.text("param", Need::required);
  if (!name) return std::nullopt;
  const auto param = params.find(*name);
  if (param) {
    used.insert(*param);
  } else {
    const Value at = fields.at("param");
    at.report("unknown_param", "unknown param " + at.source->quote(*name),
              [&] { return params.hint_for(*name); });
  }
  return param;
}

std::optional<std::size_t> read_schema_column(const Fields& fields, const DatasetDraft* dataset,
                                              std::string_view field) {
  const auto name = fields.text(field, Need::required);
  if (!name || dataset == nullptr) return std::nullopt;
  const auto index = dataset->find_column(*name);
  if (index || !dataset->schema_complete) return index;
  const Value at = fields.at(field);
  at.report("unknown_column", "the dataset has no column " + at.source->quote(*name),
            [&] { return hint_for(*name, names_of_columns(*dataset), "columns"); });
  return std::nullopt;
}

}  // namespace offloader::catalog
