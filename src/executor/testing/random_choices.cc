#include "random_choices.h"

#include <algorithm>

#include "reference_results.h"
#include "value_pools.h"

namespace offloader::executor::testing::model {
namespace {

bool is_json(const Endpoint& endpoint, const Table& table, std::size_t select) {
  return table.columns[endpoint.selects[select].column].type == Type::json;
}

// Sends a list as text or value by value. A few have one value too many.
void add_list(Query& query, const std::string& param, std::vector<std::string> values, Random& random) {
  if (chance(random, 4))
    values.push_back(pick(random, std::vector<std::string>{"nobody", "s0", "a0", "-s0", "rows", "", "x\"y"}));
  if (values.size() > 1 && chance(random, 25)) {
    for (const std::string& value : values) query.emplace_back(param, value);
    return;
  }
  std::string text;
  for (const std::string& value : values) {
    if (!text.empty()) text += ",";
    text += chance(random, 5) ? "\"" + value + "\"" : value;
  }
  query.emplace_back(param, text);
}

std::vector<std::size_t> some_of(const std::vector<std::size_t>& list, int percent, Random& random) {
  std::vector<std::size_t> some;
  std::copy_if(list.begin(), list.end(), std::back_inserter(some),
               [&](std::size_t) { return chance(random, percent); });
  std::shuffle(some.begin(), some.end(), random);
  return some;
}

}  // namespace

void add_choices(Endpoint& endpoint, const Table& table, Random& random) {
  std::vector<std::size_t> plain;
  std::vector<std::size_t> aggregates;
  std::vector<std::size_t> sortable;
  std::vector<std::size_t> ranking;
  for (std::size_t i = 0; i < endpoint.selects.size(); ++i) {
    const bool document = is_json(endpoint, table, i);
    if (endpoint.selects[i].of_group()) aggregates.push_back(i);
    if (!endpoint.selects[i].of_group() && !document) plain.push_back(i);
    if (!orders_exactly(table, endpoint, endpoint.selects[i])) continue;
    if (endpoint.selects[i].of_group()) ranking.push_back(i);
    if (!document || endpoint.selects[i].of_group()) sortable.push_back(i);
  }
  if (!aggregates.empty() && !endpoint.group_by.empty() && chance(random, 50)) {
    endpoint.choose = endpoint.group_by;
    endpoint.group_by = some_of(*endpoint.choose, 60, random);
    if (chance(random, 30))
      endpoint.most_groups = std::max<std::size_t>(1, endpoint.group_by.size() + below(random, 2));
  }
  if (chance(random, 50)) endpoint.sortable = some_of(sortable, 70, random);
  if (chance(random, 50)) endpoint.offers_rows = true;
  if (!aggregates.empty() && chance(random, 60)) endpoint.offers_grand = true;
  endpoint.cursor = chance(random, 50);
  if (chance(random, 30)) endpoint.max_offset = static_cast<std::int64_t>(below(random, 50));
  const std::vector<std::size_t>& by = endpoint.choose ? ranking : sortable;
  if (!plain.empty() && !by.empty() && chance(random, 30)) {
    Top top;
    top.per = some_of(plain, 60, random);
    if (top.per.empty()) top.per.push_back(pick(random, plain));
    top.by = pick(random, by);
    top.limit = 1 + below(random, 4);
    endpoint.top = std::move(top);
  }
}

void choose(Query& query, const Endpoint& endpoint, Random& random) {
  const auto names = [&](const std::vector<std::size_t>& selects, bool sorts) {
    std::vector<std::string> out;
    for (const std::size_t select : selects)
      out.push_back((sorts && chance(random, 50) ? "-" : "") + endpoint.selects[select].as);
    return out;
  };
  std::vector<std::size_t> group = endpoint.group_by;
  if (endpoint.choose && chance(random, 60)) {
    group = some_of(*endpoint.choose, 60, random);
    add_list(query, "by", names(group, false), random);
  }
  if (!endpoint.sortable.empty() && chance(random, 50)) {
    std::vector<std::size_t> sort = some_of(endpoint.sortable, 60, random);
    // Mostly by columns that the answer has.
    if (endpoint.choose && chance(random, 90)) {
      std::erase_if(sort, [&](std::size_t select) {
        return !endpoint.selects[select].of_group() &&
               std::find(group.begin(), group.end(), select) == group.end();
      });
    }
    if (!sort.empty() || chance(random, 10)) add_list(query, "sort", names(sort, true), random);
  }
  std::vector<std::string> totals;
  if (endpoint.offers_rows && chance(random, 60)) totals.emplace_back("rows");
  if (endpoint.offers_grand && chance(random, 60)) totals.emplace_back("grand");
  if (!totals.empty()) add_list(query, "totals", totals, random);
}

}  // namespace offloader::executor::testing::model
