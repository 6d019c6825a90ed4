#include "limits_block.h"

#include <array>

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 5> kFields = {"rate", "burst", "concurrent", "daily_requests",
                                                     "daily_rows"};
constexpr const char* kExample = "write, for example, `limits: {rate: 100/s, daily_requests: 50000}`";
constexpr std::int64_t kMostBurst = Rate::kMostCount;
constexpr std::int64_t kMostConcurrent = 1'000'000;
constexpr std::int64_t kMostDaily = 1'000'000'000'000'000;

std::optional<Rate> read_rate(const Fields& fields) {
  const auto text = fields.text("rate", Need::optional);
  if (!text) return std::nullopt;
  const auto rate = parse_rate(*text);
  if (!rate) {
    const Value at = fields.at("rate");
    at.report("invalid_value", "this is not a rate",
              "write a whole number from 1 to 1000000 and a unit: 100/s, 600/m or 1000/h");
  }
  return rate;
}

}  // namespace

SharedLimits read_limits(const Value& at) {
  if (!at.present() || at.is_null()) return {};
  const Fields fields(at, kFields, kExample);
  if (!fields.readable()) return {};
  Limits limits;
  limits.rate = read_rate(fields);
  limits.burst = fields.integer("burst", Need::optional, 1, kMostBurst);
  limits.concurrent = fields.integer("concurrent", Need::optional, 1, kMostConcurrent);
  limits.daily_requests = fields.integer("daily_requests", Need::optional, 1, kMostDaily);
  limits.daily_rows = fields.integer("daily_rows", Need::optional, 1, kMostDaily);
  if (limits.burst && !fields.at("rate").present())
    fields.at("burst").report("missing", "`burst` needs a `rate`", "add `rate`, or remove `burst`");
  return limits == Limits{} ? SharedLimits() : SharedLimits(limits);
}

}  // namespace offloader::catalog
