#include "problems.h"

#include <algorithm>
#include <utility>

namespace offloader::query {

void Problems::add(std::string_view param, std::string message, std::vector<std::string> allowed) {
  if (!found_) found_ = std::make_shared<std::vector<Problem>>();
  if (found_->size() == kMost) return;
  const bool known = std::any_of(found_->begin(), found_->end(), [&](const Problem& problem) {
    return problem.param == param && problem.message == message;
  });
  if (known) return;
  if (allowed.size() > kMostAllowed) allowed.resize(kMostAllowed);
  found_->push_back({std::string(param), std::move(message), std::move(allowed)});
}

tl::unexpected<Error> Problems::to_error() && {
  std::string first = found_->front().message;
  return tl::unexpected<Error>(Error{ErrorCode::invalid_param, std::move(first), {}, std::move(found_)});
}

std::string in_quotes(std::string_view name) {
  return "param `" + std::string(name) + "`";
}

std::vector<std::string> allowed_values(const catalog::Param& param) {
  const std::size_t listed = std::min(param.enum_values.size(), Problems::kMostAllowed);
  std::vector<std::string> out(param.enum_values.begin(),
                               param.enum_values.begin() + static_cast<std::ptrdiff_t>(listed));
  for (const auto& [alias, target] : param.aliases) {
    if (out.size() == Problems::kMostAllowed) break;
    out.push_back(alias);
  }
  return out;
}

std::vector<std::string> allowed_columns(const catalog::Endpoint& endpoint) {
  std::vector<std::string> out;
  for (const catalog::Select& select : endpoint.select) {
    if (out.size() == Problems::kMostAllowed) break;
    out.push_back(select.as);
  }
  return out;
}

std::vector<std::string> allowed_params(const catalog::Endpoint& endpoint) {
  std::vector<std::string> out;
  for (const catalog::Param& param : endpoint.params) {
    if (out.size() == Problems::kMostAllowed) return out;
    out.push_back(param.name);
  }
  out.insert(out.end(), {"limit", "offset", "columns"});
  if (endpoint.group_choice) out.emplace_back("by");
  if (!endpoint.sortable.empty()) out.emplace_back("sort");
  if (endpoint.totals.any()) out.emplace_back("totals");
  if (endpoint.pages_by_cursor()) out.emplace_back("cursor");
  if (endpoint.offers_formats()) out.emplace_back("format");
  return out;
}

std::vector<std::string> allowed_formats(const catalog::Endpoint& endpoint) {
  std::vector<std::string> out;
  for (const catalog::Format format : endpoint.formats) out.emplace_back(row_of(format).name);
  return out;
}

std::vector<std::string> allowed_combinations(const catalog::Endpoint& endpoint) {
  std::vector<std::string> out;
  for (const auto& combination : endpoint.combinations) {
    if (out.size() == Problems::kMostAllowed) break;
    std::string names = combination.empty() ? "no params" : "";
    for (const std::size_t param : combination)
      names.append(names.empty() ? "" : ", ").append(endpoint.params[param].name);
    out.push_back(std::move(names));
  }
  return out;
}

}  // namespace offloader::query
