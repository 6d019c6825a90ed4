#include "offloader/query/compiler.h"

#include <algorithm>
#include <utility>

#include "fingerprint.h"
#include "offloader/base/identifier.h"
#include "offloader/base/timestamp.h"
#include "problems.h"
#include "sent_values.h"
#include "shape.h"
#include "shape_cache.h"
#include "typed_value.h"

namespace offloader::query {
namespace {

using catalog::ParamType;

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
        optional_(optional_params(endpoint)),
        optional_count_(count_optional()),
        common_(common_shape(endpoint, dataset)),
        shapes_([this](const FilterSet& present) { return shape_for(present); }) {
    for (std::size_t i = 0; i < endpoint_.params.size(); ++i)
      by_name_.emplace_back(endpoint_.params[i].name, i);
    std::sort(by_name_.begin(), by_name_.end());
    defaults_.resize(endpoint_.params.size());
    for (std::size_t i = 0; i < endpoint_.params.size(); ++i) {
      const catalog::Param& param = endpoint_.params[i];
      if (!param.default_value) continue;
      const auto alias = param.aliases.find(*param.default_value);
      defaults_[i] = alias == param.aliases.end() ? *param.default_value : alias->second;
    }
    for (std::size_t i = 0; i < endpoint_.select.size(); ++i) all_columns_.push_back(i);
  }

  Result<Plan> compile(const Params& params, const std::optional<catalog::Tenant>& tenant) const override {
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
    read_page(request, plan, problems);
    read_values(request, problems);
    add_filters(request, plan, problems);
    if (!problems.empty()) return std::move(problems).to_error();
    plan.shape = find_shape(request);
    return plan;
  }

  const std::string& fingerprint() const override { return fingerprint_; }

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
      const catalog::Param& param = endpoint.params[filter.param];
      if (param.required || param.default_value || places[filter.param] != kAlways) continue;
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
      } else if (name == "limit") {
        slot = &request.limit;
      } else if (name == "offset") {
        slot = &request.offset;
      } else if (name == "columns") {
        request.columns.push_back(&param);
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
    const bool text = dataset_.schema[*dataset_.tenant_column].type == catalog::ColumnType::varchar;
    if (text != std::holds_alternative<std::string>(*tenant)) {
      return fail(ErrorCode::internal, "internal error",
                  "the type of the tenant differs from that of its column");
    }
    std::visit([&](const auto& value) { plan.values.emplace_back(value); }, *tenant);
    return {};
  }

  void read_page(const SentValues& request, Plan& plan, Problems& problems) const {
    plan.limit = endpoint_.default_limit;
    if (request.limit != nullptr) {
      const auto limit = parse_integer(*request.limit);
      const std::string most = std::to_string(endpoint_.max_limit);
      if (!limit || *limit < 1) {
        problems.add("limit", "param `limit` must be a positive integer", {">= 1", "<= " + most});
      } else if (*limit > endpoint_.max_limit) {
        problems.add("limit", "param `limit` may be at most " + most, {">= 1", "<= " + most});
      } else {
        plan.limit = *limit;
      }
    }
    plan.limit = std::min(plan.limit, kFurthest - 1);
    if (request.offset != nullptr) {
      const auto offset = parse_integer(*request.offset);
      if (!offset || *offset < 0) {
        problems.add("offset", "param `offset` must be an integer that is not negative", {">= 0"});
      } else {
        plan.offset = std::min(*offset, kFurthest);
      }
    }
    if (request.columns.empty()) {
      plan.columns = all_columns_;
    } else {
      read_columns(request.columns, plan, problems);
    }
  }

  void read_columns(const std::vector<const SentParam*>& sent, Plan& plan, Problems& problems) const {
    std::vector<bool> chosen(endpoint_.select.size(), false);
    for (const SentParam* const param : sent) {
      std::string_view list = param->value;
      const bool one_value = sent.size() > 1 || param->form != SentParam::Form::text;
      for (bool more = true; more;) {
        const std::size_t end = one_value ? list.size() : std::min(list.find(','), list.size());
        choose_column(list.substr(0, end), chosen, problems);
        more = end < list.size();
        list.remove_prefix(more ? end + 1 : end);
      }
    }
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      if (chosen[i]) plan.columns.push_back(i);
    }
  }

  void choose_column(std::string_view name, std::vector<bool>& chosen, Problems& problems) const {
    const auto found = std::find_if(endpoint_.select.begin(), endpoint_.select.end(),
                                    [&](const catalog::Select& select) { return select.as == name; });
    if (found == endpoint_.select.end()) {
      return problems.add("columns", "param `columns` names a column that the endpoint does not serve",
                          allowed_columns(endpoint_));
    }
    const auto at = static_cast<std::size_t>(found - endpoint_.select.begin());
    if (chosen[at]) problems.add("columns", "param `columns` names a column more than once");
    chosen[at] = true;
  }

  // Checks the values that were sent and replaces aliases by their targets; fills in defaults for the others.
  // A value that is not usable becomes null.
  void read_values(SentValues& request, Problems& problems) const {
    for (std::size_t i = 0; i < endpoint_.params.size(); ++i) {
      const catalog::Param& param = endpoint_.params[i];
      const std::string*& value = request.values[i];
      if (value == nullptr) {
        if (param.required) add_missing(param, problems);
        if (defaults_[i]) value = &*defaults_[i];
        continue;
      }
      value = check(param, *value, problems);
    }
  }

  // Returns the value that the text means, or null if it is not one of the param's.
  static const std::string* check(const catalog::Param& param, const std::string& text, Problems& problems) {
    const auto refuse = [&](const std::string& must, std::vector<std::string> allowed = {}) {
      problems.add(param.name, in_quotes(param.name) + must, std::move(allowed));
      return nullptr;
    };
    switch (param.type) {
      case ParamType::string: {
        const std::string* const known = resolve(param, text);
        return known != nullptr ? known : &text;
      }
      case ParamType::enumeration: {
        const std::string* const known = resolve(param, text);
        return known != nullptr ? known : refuse(" must be one of its listed values", allowed_values(param));
      }
      case ParamType::date:
        return parse_date(text) ? &text : refuse(" must be a date, YYYY-MM-DD");
      case ParamType::integer: {
        const auto number = parse_integer(text);
        if (number && (!param.max || *number <= *param.max)) return &text;
        if (!param.max) return refuse(" must be an integer");
        const std::string most = std::to_string(*param.max);
        return refuse(number ? " may be at most " + most : " must be an integer", {"<= " + most});
      }
    }
    return &text;
  }

  // Returns the enum value or alias target that `text` names, or null. A client that did not encode a
  // trailing `+` sent a text that decodes to a trailing space, so that spelling is tried second.
  static const std::string* resolve(const catalog::Param& param, const std::string& text) {
    if (const std::string* known = look_up(param, text)) return known;
    if (!text.ends_with(' ')) return nullptr;
    std::string with_plus = text;
    with_plus.back() = '+';
    return look_up(param, with_plus);
  }

  static const std::string* look_up(const catalog::Param& param, const std::string& text) {
    const auto listed = std::find(param.enum_values.begin(), param.enum_values.end(), text);
    if (listed != param.enum_values.end()) return &*listed;
    const auto alias = param.aliases.find(text);
    return alias == param.aliases.end() ? nullptr : &alias->second;
  }

  void add_filters(SentValues& request, Plan& plan, Problems& problems) const {
    for (const catalog::Filter& filter : endpoint_.filters) {
      const std::string* const value = request.values[filter.param];
      if (value == nullptr) continue;
      const catalog::Param& param = endpoint_.params[filter.param];
      switch (
          append_values(plan.values, *value, param.type, dataset_.schema[filter.column].type, filter.op)) {
        case Fit::fits:
          break;
        case Fit::never:
          plan.never = true;
          break;
        case Fit::unreadable:
          problems.add(param.name, in_quotes(param.name) + " cannot be read as the type of what it filters");
          break;
      }
    }
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
  const ShapeCache shapes_;
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
