#include "page.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "list_syntax.h"
#include "typed_value.h"

namespace offloader::query {
namespace {

// No snapshot has this many rows, and DuckDB rejects a larger LIMIT or OFFSET, so all pages beyond it are the
// same empty page. The limit is one less, to leave room for the row that determines has_more.
constexpr std::int64_t kFurthest = std::int64_t{1} << 62;

void read_limit(const catalog::Endpoint& endpoint, std::int64_t most_rows, const std::string& text,
                Plan& plan, Problems& problems) {
  const auto limit = parse_integer(text);
  const std::string most = std::to_string(most_rows);
  if (!limit || *limit < 1) {
    problems.add("limit", "param `limit` must be a positive integer", {">= 1", "<= " + most});
  } else if (*limit > most_rows) {
    std::string message = "param `limit` may be at most " + most;
    if (endpoint.exports && *limit <= endpoint.exports->max_rows)
      message += ", and " + std::to_string(endpoint.exports->max_rows) + " in formats other than json";
    problems.add("limit", std::move(message), {">= 1", "<= " + most});
  } else {
    plan.limit = *limit;
  }
}

void read_offset(const catalog::Endpoint& endpoint, const std::string& text, Plan& plan, Problems& problems) {
  const auto offset = parse_integer(text);
  const auto bounds = [&] {
    std::vector<std::string> allowed = {">= 0"};
    if (endpoint.max_offset) allowed.push_back("<= " + std::to_string(*endpoint.max_offset));
    return allowed;
  };
  if (!offset || *offset < 0) {
    problems.add("offset", "param `offset` must be an integer that is not negative", bounds());
  } else if (endpoint.max_offset && *offset > *endpoint.max_offset) {
    problems.add("offset", "param `offset` may be at most " + std::to_string(*endpoint.max_offset), bounds());
  } else {
    plan.offset = std::min(*offset, kFurthest);
  }
}

void choose_column(const catalog::Endpoint& endpoint, std::optional<std::size_t> found, const Choice& choice,
                   std::vector<bool>& chosen, Problems& problems) {
  if (!found) {
    return problems.add("columns", "param `columns` names a column that the endpoint does not serve",
                        allowed_columns(endpoint));
  }
  if (!choice.has(*found)) {
    return problems.add("columns", "param `columns` names a column that `by` does not choose",
                        chosen_columns(endpoint, choice));
  }
  if (chosen[*found]) problems.add("columns", "param `columns` names a column more than once");
  chosen[*found] = true;
}

void read_columns(const catalog::Endpoint& endpoint, const SelectNames& names,
                  const std::vector<const SentParam*>& sent, const Choice& choice, Plan& plan,
                  Problems& problems) {
  std::vector<bool> chosen(endpoint.select.size(), sent.empty());
  const auto values = values_of(sent, endpoint.select.size());
  if (!values) {
    problems.add("columns", in_quotes("columns") + " " + kNoList);
  } else if (values->empty() && !sent.empty()) {
    choose_column(endpoint, std::nullopt, choice, chosen, problems);
  } else {
    for (const std::string& name : *values)
      choose_column(endpoint, names.find(name), choice, chosen, problems);
  }
  std::size_t projection = 0;
  std::size_t total = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (!choice.has(i)) continue;
    if (chosen[i]) plan.columns.push_back(projection);
    ++projection;
    if (!choice.grand || !endpoint.select[i].of_group()) continue;
    if (chosen[i]) plan.total_columns.push_back(total);
    ++total;
  }
}

}  // namespace

void read_page(const catalog::Endpoint& endpoint, const SelectNames& names, const SentValues& request,
               const Choice& choice, std::int64_t most, Plan& plan, Problems& problems) {
  plan.limit = endpoint.default_limit;
  if (request.limit != nullptr) read_limit(endpoint, most, *request.limit, plan, problems);
  plan.limit = std::min(plan.limit, kFurthest - 1);
  if (request.offset != nullptr) read_offset(endpoint, *request.offset, plan, problems);
  read_columns(endpoint, names, request.columns, choice, plan, problems);
}

void check_format(const catalog::Endpoint& endpoint, const SentValues& request, Problems& problems) {
  if (request.format == nullptr) return;
  std::vector<std::string> allowed = allowed_formats(endpoint);
  if (std::find(allowed.begin(), allowed.end(), *request.format) != allowed.end()) return;
  problems.add("format", "param `format` must be one of its listed values", std::move(allowed));
}

void check_cursor(const SentValues& request, const Cursor* opened, Problems& problems) {
  if (request.cursor == nullptr) return;
  if (opened == nullptr) {
    problems.add("cursor",
                 "param `cursor` was not made for this request: send it with the params it came with, or "
                 "begin without it");
  }
  if (request.offset != nullptr) {
    problems.add("offset",
                 "param `offset` cannot be combined with `cursor`, which says where the page begins");
  }
}

}  // namespace offloader::query
