#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Appends JSON values to a buffer without building a tree. The formats are those of query-semantics.md,
// "Values as JSON". Every executor uses these functions, so their answers are byte for byte the same.
namespace offloader {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

}  // namespace offloader

namespace offloader::json {

// Appends `text` quoted and escaped as RFC 8259 requires: `"`, `\` and controls below 0x20 (the short form if
// JSON has one, else \u00xx). Everything else, including non-ASCII, is copied. Requires: `text` is valid
// UTF-8.
void append_string(std::string& out, std::string_view text);

// As append_string(), without the quotes.
void append_escaped(std::string& out, std::string_view text);

// Returns whether append_escaped() would change `text`.
[[nodiscard]] bool needs_escape(std::string_view text);

void append_int(std::string& out, std::int64_t value);
void append_uint(std::string& out, std::uint64_t value);

// Write an integer to `at`, which must have room for kIntegerBytes; return the end of the digits.
inline constexpr std::size_t kIntegerBytes = 20;
[[nodiscard]] char* write_int(char* at, std::int64_t value);
[[nodiscard]] char* write_uint(char* at, std::uint64_t value);

// Appends all digits of a 128-bit integer.
void append_int128(std::string& out, Int128 value);

// Appends the shortest decimal that reads back as the same double. Whole numbers end in `.0`; magnitudes from
// 1e16 up and below 1e-5 have an exponent (`1e+20`, `1.5e-07`); NaN and infinities become `null`; negative
// zero is `-0.0`.
void append_double(std::string& out, double value);

void append_bool(std::string& out, bool value);

// Append a quoted "YYYY-MM-DD" or "YYYY-MM-DDTHH:MM:SS[.f]".
void append_date(std::string& out, std::int32_t days);
void append_timestamp(std::string& out, std::int64_t micros);
// As append_timestamp(), with a `Z`.
void append_instant(std::string& out, std::int64_t micros);

}  // namespace offloader::json
