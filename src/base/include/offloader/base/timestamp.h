#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/clock.h"

// Dates and timestamps as the contract writes them. Days and microseconds count from 1970-01-01T00:00:00Z and
// may be negative (proleptic Gregorian calendar).
namespace offloader {

// A real calendar date as exactly YYYY-MM-DD, years 0000 to 9999; nothing for anything else.
[[nodiscard]] std::optional<std::int32_t> parse_date(std::string_view text);

// ISO 8601 with an offset (`Z`, `+hh:mm`, `+hhmm`, `+hh`), date and time split by `T` or a space, seconds and
// fraction optional, the fraction kept to the microsecond. Without an offset it is nothing.
[[nodiscard]] std::optional<SystemTime> parse_iso8601(std::string_view text);

// A timestamp without offset (`YYYY-MM-DD[T ]HH:MM[:SS[.ffffff]]`, or a bare date as its midnight), or with
// one, which is then applied: microseconds since the epoch, UTC.
[[nodiscard]] std::optional<std::int64_t> parse_timestamp(std::string_view text);

// Appends YYYY-MM-DD. Years beyond 9999 or below 0 are written with a sign and as many digits as needed.
void append_date(std::string& out, std::int32_t days);

// Appends YYYY-MM-DDTHH:MM:SS and a fraction of as few digits as needed, none if zero (query-semantics.md).
void append_timestamp(std::string& out, std::int64_t micros);

// RFC 3339 in UTC to the second, with `Z`: what `generated_at` and the log show.
[[nodiscard]] std::string to_rfc3339(SystemTime time);

}  // namespace offloader
