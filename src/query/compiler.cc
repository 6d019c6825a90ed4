#include "offloader/query/compiler.h"

#include <algorithm>

#include "filter_values.h"
#include "fingerprint.h"
#include "offloader/base/identifier.h"
#include "offloader/base/timestamp.h"
#include "param_check.h"
#include "sent_values.h"
#include "shape.h"
#include "shape_cache.h"
#include "typed_value.h"

namespace offloader::query {
namespace {

tl::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::invalid_param, std::move(message));
}

std::string refused_name(const std::string& name, std::string_view what) {
  return (is_identifier(name) ? in_quotes(name) : "a param") + " " + std::string(what);
}

class EndpointCompiler final : public Compiler {
 public:
  EndpointCompiler(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset,
                   std::string fingerprint)
      : endpoint_(endpoint),
        dataset_(dataset),
        fingerprint_(std::move(fingerprint)),
        optional_(optional_params(endpoint)),
        optional_count_(count_optional()),
        common_(common_shape(endpoint, dataset)),
        constants_(endpoint_, dataset_),
        shapes_([this](const FilterSet& present) { return shape_for(present); }) {
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
    for (std::size_t i = 0; i < endpoint_.select.size(); ++i) all_columns_.push_back(i);
  }

  Result<Plan> compile(const Params& params, const std::optional<catalog::Tenant>& tenant,
                       const RequestMoment& moment) const override {
    SentValues request(endpoint_.params.size());
    if (auto sorted = sort_params(params, request); !sorted) return fail(std::move(sorted.error()));
    if (!matches_combination(request)) return refuse_combination(request);
    Plan plan;
    plan.values.reserve(1 + 2 * endpoint_.filters.size());
    if (auto scoped = add_tenant(tenant, plan); !scoped) return fail(scoped.error());
    if (auto page = read_page(request, plan); !page) return fail(std::move(page.error()));
    if (auto values = read_values(request, moment, plan); !values) return fail(std::move(values.error()));
    if (auto filters = add_filters(request, plan); !filters) return fail(std::move(filters.error()));
    plan.shape = find_shape(request);
    return plan;
  }

  const std::string& fingerprint() const override { return fingerprint_; }
  bool depends_on_moment() const override { return depends_on_moment_; }

 private:
  // No snapshot has this many rows, and DuckDB rejects a larger LIMIT or OFFSET, so all pages beyond it are
  // the same empty page. The limit is one less, to leave room for the row that determines has_more.
  static constexpr std::int64_t kFurthest = std::int64_t{1} << 62;
  static constexpr std::size_t kAlways = static_cast<std::size_t>(-1);

  // Returns each param's position among those whose filters may be absent, or kAlways.
  static std::vector<std::size_t> optional_params(const catalog::Endpoint& endpoint) {
    std::vector<std::size_t> places(endpoint.params.size(), kAlways);
    std::size_t next = 0;
    for (const catalog::Filter& filter : endpoint.filters) {
      if (!filter.has_param()) continue;
      const catalog::Param& param = endpoint.params[filter.param];
      if (param.required || param.has_default() || places[filter.param] != kAlways) continue;
      places[filter.param] = next++;
    }
    return places;
  }

  std::size_t count_optional() const {
    return static_cast<std::size_t>(std::count_if(optional_.begin(), optional_.end(),
                                                  [](std::size_t place) { return place != kAlways; }));
  }

  std::shared_ptr<const PlanShape> shape_for(const FilterSet& present) const {
    return make_shape(common_, endpoint_, dataset_, [&](std::size_t param) {
      return optional_[param] == kAlways || present.has(optional_[param]);
    });
  }

  Result<void> sort_params(const Params& params, SentValues& request) const {
    for (const auto& [name, value] : params) {
      const std::string** slot = nullptr;
      const auto found =
          std::lower_bound(by_name_.begin(), by_name_.end(), name,
                           [](const auto& entry, const std::string& key) { return entry.first < key; });
      if (found != by_name_.end() && found->first == name) {
        slot = &request.values[found->second];
        if (*slot == nullptr) {
          ++request.sent;
        } else if (endpoint_.params[found->second].list_max) {
          request.list(found->second).sent.push_back(&value);
          continue;
        }
      } else if (name == "limit") {
        slot = &request.limit;
      } else if (name == "offset") {
        slot = &request.offset;
      } else if (name == "columns") {
        slot = &request.columns;
      } else {
        return refuse(refused_name(name, "is not one that the endpoint declares"));
      }
      if (*slot != nullptr) return refuse(in_quotes(name) + " is given more than once");
      *slot = &value;
    }
    return {};
  }

  bool matches_combination(SentValues& request) const {
    return endpoint_.combinations.empty() ||
           std::any_of(endpoint_.combinations.begin(), endpoint_.combinations.end(), [&](const auto& wanted) {
             return wanted.size() == request.sent &&
                    std::all_of(wanted.begin(), wanted.end(),
                                [&](std::size_t i) { return request.values[i] != nullptr; });
           });
  }

  tl::unexpected<Error> refuse_combination(SentValues& request) const {
    for (std::size_t i = 0; i < endpoint_.params.size(); ++i) {
      const catalog::Param& param = endpoint_.params[i];
      if (param.required && request.values[i] == nullptr)
        return refuse(in_quotes(param.name) + " is required");
    }
    return refuse("this set of params is not one that the endpoint offers");
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

  Result<void> read_page(const SentValues& request, Plan& plan) const {
    plan.limit = endpoint_.default_limit;
    if (request.limit != nullptr) {
      const auto limit = parse_integer(*request.limit);
      if (!limit || *limit < 1) return refuse("param `limit` must be a positive integer");
      if (*limit > endpoint_.max_limit) {
        return refuse("param `limit` may be at most " + std::to_string(endpoint_.max_limit));
      }
      plan.limit = *limit;
    }
    plan.limit = std::min(plan.limit, kFurthest - 1);
    if (request.offset != nullptr) {
      const auto offset = parse_integer(*request.offset);
      if (!offset || *offset < 0) return refuse("param `offset` must be an integer that is not negative");
      plan.offset = std::min(*offset, kFurthest);
    }
    if (request.columns == nullptr) {
      plan.columns = all_columns_;
      return {};
    }
    return read_columns(*request.columns, plan);
  }

  Result<void> read_columns(std::string_view list, Plan& plan) const {
    std::vector<bool> chosen(endpoint_.select.size(), false);
    for (bool more = true; more;) {
      const std::size_t end = std::min(list.find(','), list.size());
      const std::string_view name = list.substr(0, end);
      more = end < list.size();
      list.remove_prefix(more ? end + 1 : end);
      const auto found = std::find_if(endpoint_.select.begin(), endpoint_.select.end(),
                                      [&](const catalog::Select& select) { return select.as == name; });
      if (found == endpoint_.select.end()) {
        return refuse("param `columns` names a column that the endpoint does not serve");
      }
      const auto at = static_cast<std::size_t>(found - endpoint_.select.begin());
      if (chosen[at]) return refuse("param `columns` names a column more than once");
      chosen[at] = true;
    }
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      if (chosen[i]) plan.columns.push_back(i);
    }
    return {};
  }

  // Checks the values that were sent and replaces aliases by their targets; fills in defaults for the others.
  Result<void> read_values(SentValues& request, const RequestMoment& moment, Plan& plan) const {
    for (std::size_t i = 0; i < endpoint_.params.size(); ++i) {
      const catalog::Param& param = endpoint_.params[i];
      const std::string*& value = request.values[i];
      if (value == nullptr) {
        if (param.required) return refuse(in_quotes(param.name) + " is required");
        if (defaults_[i]) value = &*defaults_[i];
        if (param.default_list) value = read_default_list(i, request);
        if (param.relative_default) value = read_relative_default(param, moment, request, plan);
        continue;
      }
      if (param.list_max) {
        if (auto checked = read_list(i, request); !checked) return checked;
        continue;
      }
      auto checked = check_value(param, *value);
      if (!checked) return fail(std::move(checked.error()));
      value = *checked;
    }
    return {};
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

  Result<void> read_list(std::size_t index, SentValues& request) const {
    SentList& list = request.list(index);
    std::vector<const std::string*> texts{request.values[index]};
    texts.insert(texts.end(), list.sent.begin(), list.sent.end());
    auto values = check_list(endpoint_.params[index], texts);
    if (!values) return fail(std::move(values.error()));
    list.values = std::move(*values);
    return {};
  }

  Result<void> add_filters(SentValues& request, Plan& plan) const {
    for (std::size_t i = 0; i < endpoint_.filters.size(); ++i) {
      const catalog::Filter& filter = endpoint_.filters[i];
      if (!filter.has_param()) {
        constants_.add(plan, i);
        continue;
      }
      const std::string* value = request.values[filter.param];
      if (value == nullptr) continue;
      const catalog::Param& param = endpoint_.params[filter.param];
      const catalog::SizedType column = dataset_.schema[filter.column].type;
      const bool readable =
          param.list_max ? add_list(plan, filter, request.list(filter.param).values, param.type, column)
                         : add_value(plan, filter, *value, param.type, column);
      if (!readable) return refuse(in_quotes(param.name) + " cannot be read as the type of what it filters");
    }
    return {};
  }

  std::shared_ptr<const PlanShape> find_shape(SentValues& request) const {
    FilterSet present(optional_count_);
    for (std::size_t i = 0; i < optional_.size(); ++i) {
      if (optional_[i] != kAlways && request.values[i] != nullptr) present.add(optional_[i]);
    }
    return shapes_.find(present);
  }

  const catalog::Endpoint endpoint_;
  const catalog::Dataset dataset_;
  const std::string fingerprint_;
  const std::vector<std::size_t> optional_;
  const std::size_t optional_count_;
  const PlanShape common_;
  const ConstantValues constants_;
  const ShapeCache shapes_;
  bool depends_on_moment_ = false;
  std::vector<std::pair<std::string, std::size_t>> by_name_;
  std::vector<std::optional<std::string>> defaults_;
  std::vector<std::size_t> all_columns_;
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
