#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "offloader/base/result.h"

// The little cryptography that Offloader needs, over OpenSSL.
namespace offloader {

using Sha256 = std::array<std::uint8_t, 32>;

[[nodiscard]] Sha256 sha256(std::string_view bytes);
[[nodiscard]] Sha256 hmac_sha256(std::string_view key, std::string_view bytes);

// A tag for bytes that only the holder of the key can make: the first half of HMAC-SHA256. Each thread keeps
// the schedule of the last key, so that the same key again costs no more than hashing the bytes.
[[nodiscard]] std::array<std::uint8_t, 16> keyed_digest(const Sha256& key, std::string_view bytes);

// HKDF-SHA256 with an empty salt: 32 bytes for `purpose` from the master secret (settings.md).
[[nodiscard]] Sha256 derive_key(std::string_view master, std::string_view purpose);

[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);
void append_hex(std::string& out, std::span<const std::uint8_t> bytes);

// Compares in time that depends on the lengths alone.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

// `count` bytes of the system's randomness, as lowercase hex (2 × count digits). Aborts the process only when
// the system has no randomness to give, which OpenSSL reports at most at start.
[[nodiscard]] std::string random_hex(std::size_t count);

}  // namespace offloader
