#include <fmt/format.h>

#include <algorithm>

#include "value_pools.h"

namespace offloader::executor::testing::model {

Query random_query(const Project& project, const Endpoint& endpoint, Random& random) {
  static_cast<void>(project);
  Query query;
  const std::vector<std::size_t>* combination =
      endpoint.combinations.empty() ? nullptr : &pick(random, endpoint.combinations);
  for (std::size_t i = 0; i < endpoint.params.size(); ++i) {
    const Param& param = endpoint.params[i];
    const bool wanted = combination != nullptr
                            ? std::find(combination->begin(), combination->end(), i) != combination->end()
                            : param.required || chance(random, 55);
    if (!wanted && !chance(random, 3)) continue;
    if (wanted && chance(random, 2)) continue;
    std::string value;
    if (param.type == "enum") {
      value = chance(random, 10)                             ? "nobody"
              : !param.aliases.empty() && chance(random, 20) ? param.aliases.front().first
                                                             : pick(random, param.values);
      if (value == "EMERALD+" && chance(random, 50)) value = "EMERALD ";
    } else if (param.type == "integer") {
      value = chance(random, 8)
                  ? pick(random,
                         std::vector<std::string>{"", "x", "1.5", "99999999999999999999", "007", "+1", " 1"})
                  : fmt::format("{}", pick(random, chance(random, 70) ? kIntegers : kBigs));
    } else if (param.type == "date") {
      value =
          chance(random, 8)
              ? pick(random,
                     std::vector<std::string>{"2026-02-30", "2026-1-1", "today", "", "2026-01-02T00:00:00"})
              : pick(random, std::vector<std::string>{"1970-01-01", "1969-12-31", "2026-01-01", "2026-01-02",
                                                      "2026-01-07", "0001-01-01", "2000-02-29"});
    } else {
      value =
          chance(random, 20)
              ? pick(random,
                     std::vector<std::string>{
                         "42", "-1", "2026-01-02", "true", "1.0", "0.1", "alias_two", "C ",
                         "1970-01-01T06:00:00", "1970-01-01T07:00:00+01:00", "0.5", "-1.5001",
                         "99999999999999999999999999999999999999999", "-1e9", "12.50", "0.499999999999",
                         "123E4567-E89B-12D3-A456-426614174000", "{123e4567-e89b-12d3-a456-426614174000}"})
          : chance(random, 10) ? pick(random, kUuids)
                               : pick(random, kTexts);
    }
    query.emplace_back(param.name, value);
  }
  if (chance(random, 40))
    query.emplace_back(
        "limit", chance(random, 8)
                     ? pick(random, std::vector<std::string>{"0", "-1", "100000", "x", ""})
                     : fmt::format("{}", 1 + below(random, static_cast<std::size_t>(endpoint.max_limit))));
  if (chance(random, 30))
    query.emplace_back("offset", chance(random, 8)
                                     ? pick(random, std::vector<std::string>{"-1", "x", "9223372036854775807",
                                                                             "9223372036854775808"})
                                     : fmt::format("{}", below(random, 60)));
  if (chance(random, 30)) {
    std::string columns;
    for (const Select& select : endpoint.selects) {
      if (chance(random, 50)) columns += (columns.empty() ? "" : ",") + select.as;
    }
    if (chance(random, 6)) columns += columns.empty() ? "nobody" : ",nobody";
    if (!columns.empty()) query.emplace_back("columns", columns);
  }
  if (chance(random, 3))
    query.emplace_back(
        pick(random, std::vector<std::string>{"tenant", "c0", "p9", "limit", "x; DROP TABLE d0"}), "1");
  std::shuffle(query.begin(), query.end(), random);
  return query;
}

std::string encode(const Query& query) {
  std::string out;
  const auto append = [&](const std::string& text) {
    for (const char c : text) {
      if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        out.push_back(c);
      else
        out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  };
  for (const auto& [name, value] : query) {
    out += out.empty() ? "?" : "&";
    append(name);
    out += "=";
    append(value);
  }
  return out;
}

}  // namespace offloader::executor::testing::model
