#include "reference_buckets.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <set>

#include "offloader/base/timestamp.h"

namespace offloader::executor::testing::model {
namespace {

using namespace std::chrono;

constexpr std::int64_t kMinute = 60'000'000;

year_month_day date_of(std::int64_t day) {
  return year_month_day(sys_days(days(day)));
}

std::int64_t days_of(year_month_day date) {
  return sys_days(date).time_since_epoch().count();
}

Zone load_zone(const std::string& name) {
  static std::map<std::string, Zone> zones;
  const auto known = zones.find(name);
  if (known != zones.end()) return known->second;
  auto zone = Zone::load(name);
  if (!zone) std::abort();
  return zones.emplace(name, *zone).first->second;
}

bool may_be_hours(const Bucket& bucket) {
  return std::ranges::find(bucket.grains, "hour") != bucket.grains.end();
}

}  // namespace

Buckets::Buckets(const Bucket& bucket, const Column& column, const std::string& grain,
                 const std::string& zone)
    : column_(column.type),
      grain_(grain),
      sunday_(bucket.sunday),
      hourly_(may_be_hours(bucket)),
      zone_(load_zone(zone)) {}

Type Buckets::type() const {
  return hourly_ ? column_ : Type::date;
}

std::int64_t Buckets::cut(std::int64_t day) const {
  const auto date = date_of(day);
  if (grain_ == "week") {
    const weekday of(sys_days{days(day)});
    return day - (sunday_ ? of - Sunday : of - Monday).count();
  }
  if (grain_ == "month") return days_of(date.year() / date.month() / 1);
  if (grain_ == "quarter") return days_of(date.year() / month((unsigned(date.month()) - 1) / 3 * 3 + 1) / 1);
  if (grain_ == "year") return days_of(date.year() / January / 1);
  return day;
}

std::int64_t Buckets::key(std::int64_t value) const {
  if (grain_ == "hour") return zone_.hour(value);
  return cut(column_ == Type::date ? value : zone_.day(value));
}

std::int64_t Buckets::start_of(std::int64_t day) const {
  // A day that was skipped begins where the next one does.
  for (std::int64_t at = day;; ++at) {
    if (const auto start = zone_.first_instant(at)) return *start;
  }
}

std::int64_t Buckets::value(std::int64_t key) const {
  return hourly_ && grain_ != "hour" ? start_of(key) : key;
}

// Most days have some full hour that is easily found.
bool Buckets::exists(std::int64_t day) const {
  for (const std::int64_t hour : {12, 0, 24, 6, 18}) {
    if (zone_.day((day * 24 + hour) * 60 * kMinute) == day) return true;
  }
  return zone_.first_instant(day).has_value();
}

void Buckets::raise(std::int64_t value) {
  first_ = first_ ? std::max(*first_, value) : value;
}

void Buckets::lower(std::int64_t value) {
  last_ = last_ ? std::min(*last_, value) : value;
}

void Buckets::bound(const std::string& op, const std::string& text, bool is_day) {
  const bool from = op == "eq" || op == "gt" || op == "gte";
  const bool to = op == "eq" || op == "lt" || op == "lte";
  if (!from && !to) return;
  if (column_ == Type::date || is_day) {
    const auto parsed = parse_date(text);
    if (!parsed) return;
    const std::int64_t first = *parsed + (op == "gt" ? 1 : 0);
    const std::int64_t last = *parsed - (op == "lt" ? 1 : 0);
    if (from) raise(column_ == Type::date ? first : start_of(first));
    if (to) lower(column_ == Type::date ? last : start_of(last + 1) - 1);
    return;
  }
  const auto micros = parse_timestamp(text);
  if (!micros) return;
  // Digits that a value of the column cannot have.
  const std::size_t point = text.find('.');
  std::string digits = point == std::string::npos ? "" : text.substr(point + 1);
  digits.resize(std::min(digits.find_first_not_of("0123456789"), digits.size()));
  const bool more = digits.size() > 6 && digits.find_first_not_of('0', 6) != std::string::npos;
  if (op == "eq" && more) return;
  if (from) raise(*micros + (op == "gt" || more ? 1 : 0));
  if (to) lower(*micros - (op == "lt" && !more ? 1 : 0));
}

std::optional<std::vector<std::int64_t>> Buckets::axis(const std::vector<std::int64_t>& found) const {
  const auto least = std::ranges::min_element(found);
  const auto greatest = std::ranges::max_element(found);
  if ((!first_ || !last_) && found.empty()) return std::vector<std::int64_t>();
  if (first_ && last_ && *first_ > *last_) return std::vector<std::int64_t>();
  const std::int64_t begin = first_ ? key(*first_) : *least;
  const std::int64_t end = last_ ? key(*last_) : *greatest;
  std::set<std::int64_t> keys;
  if (grain_ == "hour") {
    if (begin > end) return std::vector<std::int64_t>();
    if ((end - begin) / (60 * kMinute) > static_cast<std::int64_t>(kMostBuckets) + 100) return std::nullopt;
    for (std::int64_t at = begin; at <= end; at += 5 * kMinute) {
      if (const std::int64_t own = key(at); own >= begin) keys.insert(own);
    }
    keys.insert(end);
  } else {
    if (grain_ == "day" && end - begin > static_cast<std::int64_t>(kMostBuckets) + 100) return std::nullopt;
    for (std::int64_t at = begin; at <= end; ++at) {
      if (keys.size() > kMostBuckets) return std::nullopt;
      const bool skipped = column_ != Type::date && grain_ == "day" && !exists(at);
      if (cut(at) == at && !skipped) keys.insert(at);
    }
  }
  if (keys.size() > kMostBuckets) return std::nullopt;
  return std::vector<std::int64_t>(keys.begin(), keys.end());
}

}  // namespace offloader::executor::testing::model
