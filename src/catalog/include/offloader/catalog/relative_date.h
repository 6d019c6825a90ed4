#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace offloader::catalog {

// A day that depends on when a request is made: `today`, `watermark`, or one of them with `+` or `-`, a
// number, and `d`, `w`, `mo` or `y` (project-files.md). A value type.
struct RelativeDate {
  // The numbers are part of contract fingerprints: never change or reuse them.
  enum class Base : std::uint8_t { today = 0, watermark = 1 };
  enum class Unit : std::uint8_t { day = 0, month = 1 };  // a week is 7 days, a year 12 months

  Base base = Base::today;
  Unit unit = Unit::day;
  std::int32_t amount = 0;

  // Returns the day. `today` and `watermark`, and the result, are days since 1970-01-01. A day that the
  // target month does not have becomes its last one; years before 0000 or after 9999 become the nearest day
  // in between.
  [[nodiscard]] std::int32_t resolve(std::int32_t today, std::int32_t watermark) const;

  friend bool operator==(const RelativeDate&, const RelativeDate&) = default;
};

// Returns nullopt if `text` is not a relative date. Numbers have at most five digits.
[[nodiscard]] std::optional<RelativeDate> parse_relative_date(std::string_view text);

// Whether `text` begins like a relative date, valid or not.
[[nodiscard]] bool looks_relative(std::string_view text);

// Formats it as parse_relative_date() reads it; weeks as days, years as months.
[[nodiscard]] std::string to_text(const RelativeDate& date);

}  // namespace offloader::catalog
