#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "offloader/catalog/bucket.h"
#include "offloader/query/value.h"

// Time buckets of a plan (query-semantics.md, "Buckets"), and the calendar that they follow. Pure.
namespace offloader::query {

// More (bucket, group) rows than these are no answer.
inline constexpr std::int64_t kMostBuckets = 100'000;

// The bucket of one request: what the contract leaves to the caller has been chosen.
struct Bucket {
  catalog::Grain grain = catalog::Grain::day;
  std::string zone{};  // empty: UTC, whatever name the contract has for it
  catalog::WeekStart week_start = catalog::WeekStart::monday;
  catalog::Fill fill = catalog::Fill::none;
  // The values are of the column's type, not days: those of a day or longer are its first instant.
  bool instants = false;

  [[nodiscard]] bool fills() const { return fill != catalog::Fill::none; }
  friend bool operator==(const Bucket&, const Bucket&) = default;
};

// What the filters on the bucketed column leave of it, both ends included: what `fill` fills. Several may be
// set; the narrowest counts. Days are of the bucket's zone, and timestamps are in UTC.
struct AxisBounds {
  std::optional<Date> first_day{};
  std::optional<Date> last_day{};
  std::optional<Timestamp> first{};
  std::optional<Timestamp> last{};

  [[nodiscard]] bool has_begin() const { return first_day || first; }
  [[nodiscard]] bool has_end() const { return last_day || last; }
  friend bool operator==(const AxisBounds&, const AxisBounds&) = default;
};

inline constexpr std::int64_t kMicrosPerHour = 3'600'000'000;
inline constexpr std::int64_t kMicrosPerDay = 24 * kMicrosPerHour;

// Returns the day on which the bucket of a day begins, in days since 1970-01-01. Requires: the grain is no
// hour.
[[nodiscard]] std::int64_t bucket_day(catalog::Grain grain, catalog::WeekStart week_start, std::int64_t day);
// Buckets of days in order, as consecutive numbers. Requires: likewise.
[[nodiscard]] std::int64_t bucket_number(catalog::Grain grain, catalog::WeekStart week_start,
                                         std::int64_t day);
[[nodiscard]] std::int64_t first_day_of(catalog::Grain grain, catalog::WeekStart week_start,
                                        std::int64_t number);

// The first and the last bucket between bounds. Nullopt for a bound that is not set.
struct AxisEnds {
  std::optional<std::int64_t> first{};
  std::optional<std::int64_t> last{};
};
// Returns them as numbers: of hours since 1970-01-01T00:00:00 of local time, else of bucket_number(). The
// last is before the first if the bounds leave nothing between them, also where both are in one bucket.
// `offset` is the zone's, in microseconds.
[[nodiscard]] AxisEnds ends_of(const AxisBounds& bounds, const Bucket& bucket, std::int64_t offset);

// Returns how many buckets there are between the bounds at least, whatever the zone's offsets are; exact if
// its offset is fixed. 0 if the bounds are in the wrong order, nullopt if one is not set.
[[nodiscard]] std::optional<std::int64_t> least_buckets(const AxisBounds& bounds, const Bucket& bucket);

// Returns `a / b`, rounded down. Requires: b > 0.
[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace offloader::query
