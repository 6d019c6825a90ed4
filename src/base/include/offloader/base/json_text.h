#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// JSON written straight into a buffer, without a tree between. The forms are those of query-semantics.md,
// "Values as JSON"; every executor uses these functions, so that their bytes cannot differ.
namespace offloader {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

}  // namespace offloader

namespace offloader::json {

// Appends `text` with quotes, escaped as RFC 8259 asks: `"`, `\`, and controls below 0x20 (short forms where
// JSON has them, else \u00xx). Everything else, non-ASCII included, is copied. `text` must be valid UTF-8.
void append_string(std::string& out, std::string_view text);

// The same without the quotes.
void append_escaped(std::string& out, std::string_view text);

// Whether append_escaped() would write anything but `text` itself.
[[nodiscard]] bool needs_escape(std::string_view text);

void append_int(std::string& out, std::int64_t value);
void append_uint(std::string& out, std::uint64_t value);

// The same into memory of the caller's, at least kIntegerBytes of it; returns where the digits end.
inline constexpr std::size_t kIntegerBytes = 20;
[[nodiscard]] char* write_int(char* at, std::int64_t value);
[[nodiscard]] char* write_uint(char* at, std::uint64_t value);

// A 128-bit integer, all digits.
void append_int128(std::string& out, Int128 value);

// Shortest decimal that reads back to the same double; whole ones with `.0`; an exponent from 1e16 up and
// below 1e-5 (`1e+20`, `1.5e-07`); NaN and infinities are `null`; negative zero is `-0.0`.
void append_double(std::string& out, double value);

void append_bool(std::string& out, bool value);

// "YYYY-MM-DD" and "YYYY-MM-DDTHH:MM:SS[.f]" with quotes.
void append_date(std::string& out, std::int32_t days);
void append_timestamp(std::string& out, std::int64_t micros);

}  // namespace offloader::json
