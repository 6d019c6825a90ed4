#include "offloader/query/bucket.h"

#include <algorithm>
#include <limits>

#include "offloader/catalog/time_zone.h"

namespace offloader::query {
namespace {

using catalog::Grain;
using catalog::WeekStart;

// Zones are at most 14 hours from UTC today, and were at most 16.
constexpr std::int64_t kMostOffset = 16 * kMicrosPerHour;
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

struct Month {
  std::int64_t year = 1970;
  std::int64_t month = 0;  // from 0
};

// The days of 400 years are always the same number. Counted from March, so that the leap day is the last.
constexpr std::int64_t kDaysPerEra = 146'097;
constexpr std::int64_t kDaysToEpoch = 719'468;  // from 0000-03-01 to 1970-01-01

constexpr Month month_of(std::int64_t day) {
  const std::int64_t shifted = day + kDaysToEpoch;
  const std::int64_t era = floor_div(shifted, kDaysPerEra);
  const std::int64_t of_era = shifted - era * kDaysPerEra;
  const std::int64_t year = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const std::int64_t from_march = (5 * of_year + 2) / 153;
  const std::int64_t month = from_march < 10 ? from_march + 2 : from_march - 10;
  return {.year = year + era * 400 + (month < 2 ? 1 : 0), .month = month};
}

constexpr std::int64_t first_day_of(Month at) {
  const std::int64_t year = at.year - (at.month < 2 ? 1 : 0);
  const std::int64_t from_march = at.month < 2 ? at.month + 10 : at.month - 2;
  const std::int64_t era = floor_div(year, 400);
  const std::int64_t of_era = year - era * 400;
  const std::int64_t day = of_era * 365 + of_era / 4 - of_era / 100 + (153 * from_march + 2) / 5;
  return era * kDaysPerEra + day - kDaysToEpoch;
}
static_assert(first_day_of({.year = 1970, .month = 0}) == 0);
static_assert(first_day_of({.year = 2000, .month = 2}) == 11'017);

// The months of a bucket; 0 for the shorter grains.
constexpr std::int64_t months_of(Grain grain) {
  switch (grain) {
    case Grain::month:
      return 1;
    case Grain::quarter:
      return 3;
    case Grain::year:
      return 12;
    default:
      return 0;
  }
}

// Returns whether something is between the bounds. They may be in the wrong order within one bucket.
bool leave_an_instant(const AxisBounds& bounds, std::int64_t offset) {
  std::int64_t first = kLeast;
  std::int64_t last = kMost;
  if (bounds.first_day) first = bounds.first_day->days * kMicrosPerDay - offset;
  if (bounds.last_day) last = (bounds.last_day->days + std::int64_t{1}) * kMicrosPerDay - offset - 1;
  if (bounds.first) first = std::max(first, bounds.first->micros);
  if (bounds.last) last = std::min(last, bounds.last->micros);
  return first <= last;
}

// How far 1970-01-01, a Thursday, is into its week.
constexpr std::int64_t days_into_week(WeekStart start) {
  return start == WeekStart::monday ? 3 : 4;
}

}  // namespace

std::int64_t bucket_number(Grain grain, WeekStart week_start, std::int64_t day) {
  if (grain == Grain::week) return floor_div(day + days_into_week(week_start), 7);
  const std::int64_t months = months_of(grain);
  if (months == 0) return day;
  const Month at = month_of(day);
  return floor_div(at.year * 12 + at.month, months);
}

std::int64_t first_day_of(Grain grain, WeekStart week_start, std::int64_t number) {
  if (grain == Grain::week) return number * 7 - days_into_week(week_start);
  const std::int64_t months = months_of(grain);
  if (months == 0) return number;
  const std::int64_t first = number * months;
  const std::int64_t year = floor_div(first, 12);
  return first_day_of({.year = year, .month = first - year * 12});
}

std::int64_t bucket_day(Grain grain, WeekStart week_start, std::int64_t day) {
  return first_day_of(grain, week_start, bucket_number(grain, week_start, day));
}

AxisEnds ends_of(const AxisBounds& bounds, const Bucket& bucket, std::int64_t offset) {
  const bool hours = bucket.grain == Grain::hour;
  const auto of_instant = [&](Timestamp at) {
    const std::int64_t local = at.micros + offset;
    return hours ? floor_div(local, kMicrosPerHour)
                 : bucket_number(bucket.grain, bucket.week_start, floor_div(local, kMicrosPerDay));
  };
  const auto of_day = [&](Date day, std::int64_t hour) {
    return hours ? std::int64_t{day.days} * 24 + hour
                 : bucket_number(bucket.grain, bucket.week_start, day.days);
  };
  AxisEnds ends;
  if (bounds.first_day) ends.first = of_day(*bounds.first_day, 0);
  if (bounds.last_day) ends.last = of_day(*bounds.last_day, 23);
  if (bounds.first) ends.first = std::max(ends.first.value_or(kLeast), of_instant(*bounds.first));
  if (bounds.last) ends.last = std::min(ends.last.value_or(kMost), of_instant(*bounds.last));
  if (ends.first && ends.last && !leave_an_instant(bounds, offset)) ends.last = *ends.first - 1;
  return ends;
}

std::optional<std::int64_t> least_buckets(const AxisBounds& bounds, const Bucket& bucket) {
  if (!bounds.has_begin() || !bounds.has_end()) return std::nullopt;
  const auto fixed = catalog::fixed_offset(bucket.zone);
  // In another zone the ends may be off by its offset.
  std::int64_t slack = 0;
  if (!fixed) slack = bucket.grain == Grain::hour ? 2 * kMostOffset / kMicrosPerHour : 2;
  const AxisEnds ends = ends_of(bounds, bucket, fixed.value_or(0) * std::int64_t{1'000'000});
  if (*ends.last < *ends.first) return 0;
  return std::max<std::int64_t>(*ends.last - *ends.first + 1 - slack, 0);
}

}  // namespace offloader::query
