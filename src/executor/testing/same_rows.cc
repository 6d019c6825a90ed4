#include "offloader/executor/testing/same_rows.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "reference_results.h"

namespace offloader::executor::testing::model {
namespace {

bool about_equal(const nlohmann::json& a, const nlohmann::json& b) {
  if (a.is_number_float() && b.is_number_float()) {
    const double x = a.get<double>();
    const double y = b.get<double>();
    return x == y || std::fabs(x - y) <= 1e-9 * std::max({std::fabs(x), std::fabs(y), 1.0});
  }
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_array()) return std::equal(a.begin(), a.end(), b.begin(), about_equal);
  if (a.is_object()) {
    for (const auto& [name, value] : a.items()) {
      if (!b.contains(name) || !about_equal(value, b[name])) return false;
    }
    return true;
  }
  return a == b;
}

bool has_approximate(const Table& table, const Endpoint& endpoint) {
  return std::ranges::any_of(endpoint.selects,
                             [&](const Select& select) { return is_approximate(table, endpoint, select); });
}

}  // namespace

bool same_rows(const Table& table, const Endpoint& endpoint, const std::string& served,
               const std::string& expected) {
  if (served == expected) return true;
  if (!has_approximate(table, endpoint)) return false;
  return about_equal(nlohmann::json::parse(served, nullptr, false),
                     nlohmann::json::parse(expected, nullptr, false));
}

bool same_totals(const Table& table, const Endpoint& endpoint, const std::string& served,
                 const std::string& expected) {
  if (served.empty() || expected.empty()) return served == expected;
  return same_rows(table, endpoint, served, expected);
}

}  // namespace offloader::executor::testing::model
