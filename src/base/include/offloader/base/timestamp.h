#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/clock.h"

// Dates and timestamps in the formats of the contract. Days and microseconds count from 1970-01-01T00:00:00Z
// and may be negative (proleptic Gregorian calendar). Pure; any thread may call these functions.
namespace offloader {

// Parses a real calendar date written as exactly YYYY-MM-DD, years 0000 to 9999. Returns nullopt for anything
// else.
[[nodiscard]] std::optional<std::int32_t> parse_date(std::string_view text);

// Parses ISO 8601 with an offset (`Z`, `+hh:mm`, `+hhmm`, `+hh`). Date and time are separated by `T` or a
// space; `T` and `Z` may be lower case. Seconds are optional, as is a fraction after `.` or `,`, which is
// truncated to microseconds. Returns nullopt without an offset.
[[nodiscard]] std::optional<SystemTime> parse_iso8601(std::string_view text);

// Parses `YYYY-MM-DD[T ]HH:MM[:SS[.ffffff]]`, or a bare date as its midnight. An offset, if present, is
// applied. Returns microseconds since the epoch, UTC.
[[nodiscard]] std::optional<std::int64_t> parse_timestamp(std::string_view text);

// Appends YYYY-MM-DD. Years above 9999 or below 0 get a sign and as many digits as needed.
void append_date(std::string& out, std::int32_t days);

// Appends YYYY-MM-DDTHH:MM:SS and the shortest exact fraction, none if it is zero (query-semantics.md).
void append_timestamp(std::string& out, std::int64_t micros);

// Returns RFC 3339 in UTC, in whole seconds with `Z`, as in `generated_at` and the log.
[[nodiscard]] std::string to_rfc3339(SystemTime time);

}  // namespace offloader
