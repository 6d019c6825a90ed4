#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace offloader {

// A UUID as a 128-bit number, most significant digit first. Orders like its text.
struct Uuid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

inline constexpr std::size_t kUuidBytes = 36;

// Parses 36 characters, `123e4567-e89b-12d3-a456-426614174000`, in any case. Rejects braces and missing
// hyphens.
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view text);

// Writes the canonical form, in lower case, to `at`, which must have room for kUuidBytes.
void write_uuid(char* at, Uuid uuid);
void append_uuid(std::string& out, Uuid uuid);

}  // namespace offloader
