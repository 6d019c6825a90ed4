#include "offloader/query/compiler.h"

#include <algorithm>
#include <utility>

#include "bucket_choice.h"
#include "choice.h"
#include "filter_values.h"
#include "fingerprint.h"
#include "measures.h"
#include "offloader/base/identifier.h"
#include "offloader/base/timestamp.h"
#include "offloader/base/uuid.h"
#include "page.h"
#include "param_check.h"
#include "select_names.h"
#include "sent_values.h"
#include "shapes.h"

namespace offloader::query {
namespace {

// Returns the name as a message may repeat it, or an empty text.
std::string_view public_name(const std::string& name) {
  return is_identifier(name) ? std::string_view(name) : std::string_view();
}

class EndpointCompiler final : public Compiler {
 public:
  EndpointCompiler(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
                   std::string fingerprint)
      : endpoint_(endpoint),
        dataset_(dataset),
        fingerprint_(std::move(fingerprint)),
        names_(endpoint_),
        offers_choice_(offers_choice(endpoint_)),
        shapes_(endpoint_, dataset_),
        bucketed_(bucketed_select(endpoint_)),
        constants_(endpoint_.filters, type_of_column()),
        zoned_constants_(endpoint_.filters, type_of_column(), bucketed_column()),
        group_filters_(query::group_filters(endpoint_)),
        group_constants_(group_filters_, [this](std::size_t select) { return type_of_select(select); }) {
    for (std::size_t i = 0; i < endpoint_.params.size(); ++i)
      by_name_.emplace_back(endpoint_.params[i].name, i);
    std::sort(by_name_.begin(), by_name_.end());
    defaults_.resize(endpoint_.params.size());
    for (std::size_t i = 0; i < endpoint_.params.size(); ++i) {
      const catalog::Param& param = endpoint_.params[i];
      if (param.relative_default) depends_on_moment_ = true;
      if (!param.default_value) continue;
      const auto alias = param.aliases.find(*param.default_value);
      defaults_[i] = alias == param.aliases.end() ? *param.default_value : alias->second;
    }
  }

  using Compiler::compile;

  Result<Plan> compile(const Params& params, const std::optional<catalog::Tenant>& tenant,
                       const RequestKind& kind) const override {
    SentValues request(endpoint_.params.size());
    Problems problems;
    sort_params(params, request, problems);
    check_combination(request, problems);
    Plan plan;
    plan.values.reserve(1 + 2 * endpoint_.filters.size());
    if (auto scoped = add_tenant(tenant, plan); !scoped) {
      if (!problems.empty()) return std::move(problems).to_error();
      return fail(std::move(scoped.error()));
    }
    const Choice choice = offers_choice_ ? read_choice(endpoint_, names_, request, problems) : Choice();
    const std::int64_t most = kind.exported ? endpoint_.exports->max_rows : endpoint_.max_limit;
    read_page(endpoint_, names_, request, choice, most, plan, problems);
    check_format(endpoint_, request, problems);
    check_cursor(request, kind.cursor, problems);
    plan.wants_end = endpoint_.pages_by_cursor() && !kind.exported;
    read_values(request, kind.moment, plan, problems);
    const std::optional<Bucket> bucket = bucket_of(request);
    const bool fills = bucket && bucket->fills() && choice.has(*bucketed_);
    add_filters(request, bucket, fills, plan, problems);
    add_group_filters(request, plan, problems);
    if (!problems.empty()) return std::move(problems).to_error();
    const FilterSet present = shapes_.present(request);
    plan.shape = shapes_.find(present, choice, bucket);
    // Rows have an order of their own, that of the snapshot. Groups have none: without the tie-breaks they
    // would come in another order each time, and pages of them would overlap.
    const bool unordered = kind.exported && endpoint_.order_by.empty() && choice.sort.empty() &&
                           kind.cursor == nullptr && !endpoint_.top && !plan.shape->grouped();
    if (unordered) plan.shape = shapes_.find_unordered(present, choice, bucket);
    plan.total_rows = choice.rows;
    if (choice.grand) plan.totals = shapes_.find_totals(present, bucket);
    return plan;
  }

  const std::string& fingerprint() const override { return fingerprint_; }
  bool depends_on_moment() const override { return depends_on_moment_; }

 private:
  std::optional<std::size_t> bucketed_column() const {
    return bucketed_ ? std::optional(endpoint_.select[*bucketed_].column) : std::nullopt;
  }

  TypeOf type_of_column() const {
    return [this](std::size_t column) { return dataset_.schema[column].type; };
  }

  catalog::SizedType type_of_select(std::size_t select) const {
    return catalog::result_type(endpoint_.select[select], dataset_);
  }

  // Returns the bucket that the request asks for; nullopt if the endpoint has none.
  std::optional<Bucket> bucket_of(SentValues& request) const {
    if (!bucketed_) return std::nullopt;
    const catalog::Bucket& declared = *endpoint_.select[*bucketed_].bucket;
    const auto sent = [&](const std::optional<std::size_t>& param) {
      return param ? request.values[*param] : nullptr;
    };
    return resolve_bucket(declared, sent(declared.grain_param), sent(declared.zone_param));
  }

  // Sorts the params out by where they belong. The problems of this function come first, in the order in
  // which the params were sent; the others follow in the order of the contract.
  void sort_params(const Params& params, SentValues& request, Problems& problems) const {
    bool names_told = false;
    for (const SentParam& param : params) {
      const auto& [name, value, form] = param;
      const std::string** slot = nullptr;
      const auto found =
          std::lower_bound(by_name_.begin(), by_name_.end(), name,
                           [](const auto& entry, const std::string& key) { return entry.first < key; });
      if (found != by_name_.end() && found->first == name) {
        slot = &request.values[found->second];
        if (*slot == nullptr) ++request.sent;
        if (endpoint_.params[found->second].list_max) {
          request.list(found->second).sent.push_back(&param);
          *slot = &value;
          continue;
        }
      } else if (name == "limit") {
        slot = &request.limit;
      } else if (name == "offset") {
        slot = &request.offset;
      } else if (name == "cursor" && endpoint_.pages_by_cursor()) {
        slot = &request.cursor;
      } else if (name == "format" && endpoint_.offers_formats()) {
        slot = &request.format;
      } else if (auto* const list = list_named(name, request)) {
        list->push_back(&param);
        continue;
      } else {
        const std::string_view told = public_name(name);
        problems.add(
            told, (told.empty() ? "a param" : in_quotes(told)) + " is not one that the endpoint declares",
            std::exchange(names_told, true) ? std::vector<std::string>() : allowed_params(endpoint_));
        continue;
      }
      if (form != SentParam::Form::text) {
        problems.add(name, in_quotes(name) + " does not take a list");
      } else if (*slot != nullptr) {
        problems.add(name, in_quotes(name) + " is given more than once");
      }
      *slot = &value;
    }
  }

  // Returns the list of a param that is not declared, or null if the endpoint does not have it.
  std::vector<const SentParam*>* list_named(const std::string& name, SentValues& request) const {
    if (name == "columns") return &request.columns;
    if (name == "by" && endpoint_.group_choice) return &request.by;
    if (name == "sort" && !endpoint_.sortable.empty()) return &request.sort;
    if (name == "totals" && endpoint_.totals.any()) return &request.totals;
    return nullptr;
  }

  void check_combination(SentValues& request, Problems& problems) const {
    if (matches_combination(request)) return;
    bool missing = false;
    for (std::size_t i = 0; i < endpoint_.params.size(); ++i) {
      if (!endpoint_.params[i].required || request.values[i] != nullptr) continue;
      add_missing(endpoint_.params[i], problems);
      missing = true;
    }
    if (missing) return;
    problems.add({}, "this set of params is not one that the endpoint offers",
                 allowed_combinations(endpoint_));
  }

  static void add_missing(const catalog::Param& param, Problems& problems) {
    problems.add(param.name, in_quotes(param.name) + " is required");
  }

  bool matches_combination(SentValues& request) const {
    return endpoint_.combinations.empty() ||
           std::any_of(endpoint_.combinations.begin(), endpoint_.combinations.end(), [&](const auto& wanted) {
             return wanted.size() == request.sent &&
                    std::all_of(wanted.begin(), wanted.end(),
                                [&](std::size_t i) { return request.values[i] != nullptr; });
           });
  }

  // Decides by the dataset, not by the endpoint: a dataset with a tenant column is never read without a
  // tenant.
  Result<void> add_tenant(const std::optional<catalog::Tenant>& tenant, Plan& plan) const {
    if (!dataset_.tenant_column) {
      if (!endpoint_.tenant_scoped) return {};
      return fail(ErrorCode::internal, "internal error",
                  "a tenant-scoped endpoint over a dataset without a tenant column");
    }
    if (!tenant) return fail(ErrorCode::internal, "internal error", "a tenant-scoped plan without a tenant");
    const catalog::ColumnType type = dataset_.schema[*dataset_.tenant_column].type;
    const auto* const text = std::get_if<std::string>(&*tenant);
    const auto uuid =
        type == catalog::ColumnType::uuid && text != nullptr ? parse_uuid(*text) : std::optional<Uuid>();
    const bool wants_text = type == catalog::ColumnType::varchar || uuid;
    if (wants_text != (text != nullptr)) {
      return fail(ErrorCode::internal, "internal error",
                  "the type of the tenant differs from that of its column");
    }
    if (uuid) {
      plan.values.emplace_back(*uuid);
    } else {
      std::visit([&](const auto& value) { plan.values.emplace_back(value); }, *tenant);
    }
    return {};
  }

  // Checks the values that were sent and replaces aliases by their targets; fills in defaults for the others.
  // A value that is not usable becomes null.
  void read_values(SentValues& request, const RequestMoment& moment, Plan& plan, Problems& problems) const {
    for (std::size_t i = 0; i < endpoint_.params.size(); ++i) {
      const catalog::Param& param = endpoint_.params[i];
      const std::string*& value = request.values[i];
      if (value == nullptr) {
        if (param.required) add_missing(param, problems);
        if (defaults_[i]) value = &*defaults_[i];
        if (param.default_list) value = read_default_list(i, request);
        if (param.relative_default) value = read_relative_default(param, moment, request, plan);
      } else if (param.list_max) {
        if (!check_list(param, request.list(i), problems)) value = nullptr;
      } else {
        value = check_value(param, *value, problems);
      }
    }
  }

  // Returns a text that is not null, as for a list that was sent.
  const std::string* read_default_list(std::size_t index, SentValues& request) const {
    const catalog::Param& param = endpoint_.params[index];
    std::vector<std::string>& values = request.list(index).values;
    for (const std::string& value : *param.default_list) {
      const auto alias = param.aliases.find(value);
      values.push_back(alias == param.aliases.end() ? value : alias->second);
    }
    return &param.name;
  }

  const std::string* read_relative_default(const catalog::Param& param, const RequestMoment& moment,
                                           SentValues& request, Plan& plan) const {
    request.dates.reserve(endpoint_.params.size());  // so that pointers to its texts stay valid
    std::string& text = request.dates.emplace_back();
    append_date(text, param.relative_default->resolve(moment.today, moment.watermark));
    if (param.type == catalog::ParamType::timestamp) text += "T00:00:00";
    if (param.relative_default->base == catalog::RelativeDate::Base::today) plan.depends_on_today = true;
    return &text;
  }

  // `fills`: the answer has the bucket, and missing ones are added.
  void add_filters(SentValues& request, const std::optional<Bucket>& bucket, bool fills, Plan& plan,
                   Problems& problems) const {
    AxisCollector axis;
    for (std::size_t i = 0; i < endpoint_.filters.size(); ++i) {
      const catalog::Filter& filter = endpoint_.filters[i];
      if (filter.has_param() && request.values[filter.param] == nullptr) continue;
      const bool bucketed = bucket && filter.column == bucketed_column();
      const bool in_zone = bucketed && !bucket->zone.empty();
      const std::size_t before = plan.values.size();
      const bool never = std::exchange(plan.never, false);
      if (!filter.has_param()) {
        (in_zone ? zoned_constants_ : constants_).add(plan, i);
      } else if (!add_param(request, filter, in_zone, plan)) {
        const std::string& name = endpoint_.params[filter.param].name;
        problems.add(name, in_quotes(name) + " cannot be read as the type of what it filters");
      }
      // A filter that no row can meet has no value that could be a bound.
      if (bucketed && fills && filter.any == 0 && !plan.never) {
        const catalog::ParamType type =
            filter.has_param() ? endpoint_.params[filter.param].type : filter.constant_type;
        axis.add(tests_for(filter, type, dataset_.schema[filter.column].type, in_zone),
                 std::span(plan.values).subspan(before), i);
      }
      plan.never = plan.never || never;
    }
    if (!fills) return;
    plan.axis = axis.bounds();
    if (problems.empty()) axis.check(endpoint_, *bucket, problems);
  }

  // Adds the value of a filter whose param is there. Returns whether it can be read.
  bool add_param(SentValues& request, const catalog::Filter& filter, bool in_zone, Plan& plan) const {
    const catalog::Param& param = endpoint_.params[filter.param];
    const catalog::SizedType column = dataset_.schema[filter.column].type;
    if (param.list_max) return add_list(plan, filter, request.list(filter.param).values, param.type, column);
    return add_value(plan, filter, *request.values[filter.param], param.type, column, in_zone);
  }

  void add_group_filters(SentValues& request, Plan& plan, Problems& problems) const {
    Plan own;  // its values and lists are those of the groups
    for (std::size_t i = 0; i < group_filters_.size(); ++i) {
      const catalog::Filter& filter = group_filters_[i];
      if (!filter.has_param()) {
        group_constants_.add(own, i);
        continue;
      }
      const std::string* value = request.values[filter.param];
      if (value == nullptr) continue;
      const catalog::Param& param = endpoint_.params[filter.param];
      if (!add_value(own, filter, *value, param.type, type_of_select(filter.column), false))
        problems.add(param.name, in_quotes(param.name) + " cannot be read as the type of what it filters");
    }
    plan.having_values = std::move(own.values);
    plan.having_lists = std::move(own.lists);
  }

  const catalog::Endpoint endpoint_;
  const catalog::Dataset dataset_;
  const std::string fingerprint_;
  const SelectNames names_;
  const bool offers_choice_;
  const Shapes shapes_;
  const std::optional<std::size_t> bucketed_;  // of the selects
  const ConstantValues constants_;
  const ConstantValues zoned_constants_;  // the days of the bucketed column are those of a zone
  const std::vector<catalog::Filter> group_filters_;
  const ConstantValues group_constants_;
  bool depends_on_moment_ = false;
  std::vector<std::pair<std::string, std::size_t>> by_name_;
  std::vector<std::optional<std::string>> defaults_;
};

}  // namespace

std::shared_ptr<const Compiler> make_compiler(const catalog::Endpoint& endpoint,
                                              const catalog::Dataset& dataset,
                                              std::shared_ptr<const Compiler> before) {
  std::string fingerprint = contract_fingerprint(endpoint, dataset);
  if (before && before->fingerprint() == fingerprint) return before;
  return std::make_shared<EndpointCompiler>(endpoint, dataset, std::move(fingerprint));
}

}  // namespace offloader::query
