#include <fmt/format.h>

#include <algorithm>

#include "random_choices.h"
#include "random_filters.h"
#include "value_pools.h"

namespace offloader::executor::testing::model {
namespace {

std::string in_csv(const std::string& value, bool only, Random& random) {
  const bool quoted = value.find_first_of(",\"") != std::string::npos || (only && value.empty());
  if (!quoted && !chance(random, 10)) return value;
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  return out + "\"";
}

// Sends a list as text or value by value; a few are too long or have wrong quotes.
void add_list(Query& query, const Param& param, Random& random) {
  const std::size_t count = below(random, *param.list_max + (chance(random, 5) ? 3 : 1));
  std::vector<std::string> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(random_text(param, random));
  if (count > 1 && chance(random, 30)) {
    for (const std::string& value : values) query.emplace_back(param.name, value);
    return;
  }
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : ",") + in_csv(values[i], count == 1, random);
  if (chance(random, 3)) text += pick(random, std::vector<std::string>{"\"", ",\"a", ",\"a\"b", ",a\"b"});
  query.emplace_back(param.name, text);
}

}  // namespace

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
    if (param.list_max) {
      add_list(query, param, random);
    } else {
      query.emplace_back(param.name, random_text(param, random));
    }
  }
  choose(query, endpoint, random);
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
      if (chance(random, 50)) columns += (columns.empty() ? "" : ",") + in_csv(select.as, false, random);
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
