#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/catalog/sized_type.h"
#include "offloader/catalog/table.h"

// Time buckets: a selected DATE, TIMESTAMP or TIMESTAMPTZ column, cut to the beginning of its hour, day,
// week, month, quarter or year (query-semantics.md, "Buckets"). Value types.
namespace offloader::catalog {

enum class Grain : std::uint8_t { hour, day, week, month, quarter, year };

struct GrainRow {
  Grain grain;
  std::uint8_t number;    // part of contract fingerprints and cache keys: never change or reuse it
  std::string_view name;  // the word in YAML and in SQL
};

inline constexpr std::array<GrainRow, 6> kGrains = {{
    {.grain = Grain::hour, .number = 0, .name = "hour"},
    {.grain = Grain::day, .number = 1, .name = "day"},
    {.grain = Grain::week, .number = 2, .name = "week"},
    {.grain = Grain::month, .number = 3, .name = "month"},
    {.grain = Grain::quarter, .number = 4, .name = "quarter"},
    {.grain = Grain::year, .number = 5, .name = "year"},
}};
static_assert(complete(kGrains, &GrainRow::grain, Grain::year));
static_assert(unique_in(kGrains, &GrainRow::number) && unique_in(kGrains, &GrainRow::name));

[[nodiscard]] constexpr std::string_view name_of(Grain grain) {
  return find_row(kGrains, &GrainRow::grain, grain)->name;
}
[[nodiscard]] constexpr std::uint8_t number_of(Grain grain) {
  return find_row(kGrains, &GrainRow::grain, grain)->number;
}

// The numbers are part of contract fingerprints and cache keys: never change or reuse them.
enum class WeekStart : std::uint8_t { monday = 0, sunday = 1 };
// What buckets without rows are: not there, or there with nulls, or with 0 where an aggregate can be 0.
enum class Fill : std::uint8_t { none = 0, null = 1, zero = 2 };

struct Bucket {
  Grain grain = Grain::day;                  // not used with `grain_param`
  std::optional<std::size_t> grain_param{};  // index into the endpoint's params: an enum of grains
  std::string zone{};                        // empty: UTC; not used with `zone_param`
  std::optional<std::size_t> zone_param{};   // an enum of zones; UTC if the request does not choose
  WeekStart week_start = WeekStart::monday;
  Fill fill = Fill::none;
  bool hourly = false;  // the grain is, or may be chosen to be, an hour
};

// Returns the type of a bucket's values over a column of this type. It is the same for all grains that a
// caller may choose: days, or the column's type if one of them is an hour.
[[nodiscard]] constexpr SizedType type_of(const Bucket& bucket, const SizedType& column) {
  return bucket.hourly ? column : SizedType(ColumnType::date);
}

}  // namespace offloader::catalog
