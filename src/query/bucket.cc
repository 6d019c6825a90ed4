#include "offloader/query/bucket.h"

#include <algorithm>

#include "offloader/catalog/time_zone.h"

namespace offloader::query {
namespace {

using catalog::Grain;
using catalog::WeekStart;

// Zones are at most 14 hours from UTC today, and were at most 16.
constexpr std::int64_t kMostOffset = 16 * kMicrosPerHour;

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

constexpr std::int64_t days_of(Grain grain) {
  return grain == Grain::week ? 7 : 1;
}

// 1970-01-01 was a Thursday.
constexpr std::int64_t week_of(std::int64_t day, WeekStart start) {
  return floor_div(day + (start == WeekStart::monday ? 3 : 4), 7);
}

template <typename T>
void narrow(std::optional<std::int64_t>& end, const std::optional<T>& value, std::int64_t of, bool lower) {
  if (!value) return;
  end = !end ? of : lower ? std::max(*end, of) : std::min(*end, of);
}

}  // namespace

std::int64_t bucket_day(Grain grain, WeekStart week_start, std::int64_t day) {
  if (grain == Grain::week) return week_of(day, week_start) * 7 - (week_start == WeekStart::monday ? 3 : 4);
  const std::int64_t months = months_of(grain);
  if (months == 0) return day;
  Month at = month_of(day);
  at.month -= at.month % months;
  return first_day_of(at);
}

std::int64_t next_bucket_day(Grain grain, std::int64_t day) {
  const std::int64_t months = months_of(grain);
  if (months == 0) return day + days_of(grain);
  Month at = month_of(day);
  at.month += months;
  if (at.month >= 12) {
    at.month -= 12;
    ++at.year;
  }
  return first_day_of(at);
}

std::int64_t count_buckets(Grain grain, WeekStart week_start, std::int64_t first, std::int64_t last) {
  if (grain == Grain::week) return week_of(last, week_start) - week_of(first, week_start) + 1;
  const std::int64_t months = months_of(grain);
  if (months == 0) return last - first + 1;
  const Month from = month_of(first);
  const Month to = month_of(last);
  return (to.year * 12 + to.month) / months - (from.year * 12 + from.month) / months + 1;
}

AxisEnds ends_of(const AxisBounds& bounds, const Bucket& bucket, std::int64_t offset) {
  AxisEnds ends;
  const auto local = [&](std::int64_t micros) { return micros + offset; };
  if (bucket.grain == Grain::hour) {
    const auto hour = [&](std::int64_t micros) {
      return floor_div(local(micros), kMicrosPerHour) * kMicrosPerHour - offset;
    };
    narrow(ends.first, bounds.first_day,
           bounds.first_day ? bounds.first_day->days * kMicrosPerDay - offset : 0, true);
    narrow(ends.last, bounds.last_day,
           bounds.last_day
               ? (bounds.last_day->days + std::int64_t{1}) * kMicrosPerDay - offset - kMicrosPerHour
               : 0,
           false);
    narrow(ends.first, bounds.first, bounds.first ? hour(bounds.first->micros) : 0, true);
    narrow(ends.last, bounds.last, bounds.last ? hour(bounds.last->micros) : 0, false);
    return ends;
  }
  const auto cut = [&](std::int64_t day) { return bucket_day(bucket.grain, bucket.week_start, day); };
  const auto day_of = [&](Timestamp at) { return cut(floor_div(local(at.micros), kMicrosPerDay)); };
  narrow(ends.first, bounds.first_day, bounds.first_day ? cut(bounds.first_day->days) : 0, true);
  narrow(ends.last, bounds.last_day, bounds.last_day ? cut(bounds.last_day->days) : 0, false);
  narrow(ends.first, bounds.first, bounds.first ? day_of(*bounds.first) : 0, true);
  narrow(ends.last, bounds.last, bounds.last ? day_of(*bounds.last) : 0, false);
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
  const std::int64_t count = bucket.grain == Grain::hour
                                 ? (*ends.last - *ends.first) / kMicrosPerHour + 1
                                 : count_buckets(bucket.grain, bucket.week_start, *ends.first, *ends.last);
  return std::max<std::int64_t>(count - slack, 0);
}

}  // namespace offloader::query
