#include "offloader/executor/testing/same_rows.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "reference_results.h"

namespace offloader::executor::testing::model {
namespace {

// `error`: how far numbers may be from each other, however small they are.
bool about_equal(const nlohmann::json& a, const nlohmann::json& b, double error) {
  if (a.is_number_float() && b.is_number_float()) {
    const double x = a.get<double>();
    const double y = b.get<double>();
    return x == y || std::fabs(x - y) <= std::max(1e-9 * std::max(std::fabs(x), std::fabs(y)), error);
  }
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_array()) {
    return std::equal(a.begin(), a.end(), b.begin(),
                      [error](const auto& one, const auto& other) { return about_equal(one, other, error); });
  }
  if (a.is_object()) {
    for (const auto& [name, value] : a.items()) {
      if (!b.contains(name) || !about_equal(value, b[name], error)) return false;
    }
    return true;
  }
  return a == b;
}

// The means of the widest decimals are those of doubles, of which large ones may cancel out.
double error_of_means(const Table& table, const Endpoint& endpoint) {
  constexpr int kSummed = 28;
  constexpr double kLastDigits = 1e-14;
  double largest = 0;
  for (const Select& select : endpoint.selects) {
    const Column& column = table.columns[select.column];
    if (select.aggregate != "avg" || column.type != Type::decimal || column.precision <= kSummed) continue;
    for (const Row& row : table.rows) {
      if (is_null(row[select.column])) continue;
      const double value = static_cast<double>(std::get<Decimal>(row[select.column]).unscaled);
      largest = std::max(largest, std::fabs(value) / std::pow(10.0, column.scale));
    }
  }
  return std::max(1e-9, largest * kLastDigits);
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
                     nlohmann::json::parse(expected, nullptr, false), error_of_means(table, endpoint));
}

bool same_totals(const Table& table, const Endpoint& endpoint, const std::string& served,
                 const std::string& expected) {
  if (served.empty() || expected.empty()) return served == expected;
  return same_rows(table, endpoint, served, expected);
}

}  // namespace offloader::executor::testing::model
