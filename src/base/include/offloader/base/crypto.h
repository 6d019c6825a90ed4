#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "offloader/base/result.h"

// The few cryptographic primitives that Offloader needs, over OpenSSL. Any thread may call them. They abort
// the process if OpenSSL fails (out of memory), because a wrong digest would be worse.
namespace offloader {

using Sha256 = std::array<std::uint8_t, 32>;

[[nodiscard]] Sha256 sha256(std::string_view bytes);
[[nodiscard]] Sha256 hmac_sha256(std::string_view key, std::string_view bytes);

// Returns an authentication tag: the first half of HMAC-SHA256. Each thread caches the key schedule of its
// last key, so calling again with the same key costs no more than hashing the bytes.
[[nodiscard]] std::array<std::uint8_t, 16> keyed_digest(const Sha256& key, std::string_view bytes);

// HKDF-SHA256 with an empty salt: derives the 32-byte key for `purpose` from the master secret (settings.md).
[[nodiscard]] Sha256 derive_key(std::string_view master, std::string_view purpose);

// Lowercase hex, two digits per byte.
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);
void append_hex(std::string& out, std::span<const std::uint8_t> bytes);

// Compares in time that depends only on the lengths.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

// Returns `count` random bytes as 2 × `count` lowercase hex digits. Aborts the process if the system cannot
// supply randomness, which can only happen at startup.
[[nodiscard]] std::string random_hex(std::size_t count);

}  // namespace offloader
