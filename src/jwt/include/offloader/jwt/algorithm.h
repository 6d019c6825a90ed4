#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace offloader::jwt {

// The signature algorithms of RFC 7518 and RFC 8037 that a project may allow. All of them are asymmetric:
// `none` and HS* do not exist here, so that no configuration can accept them.
enum class Algorithm : std::uint8_t { rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, eddsa };

// Their names, in the order of the enum.
inline constexpr std::array<std::string_view, 9> kAlgorithmNames = {
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"};

[[nodiscard]] constexpr std::string_view name_of(Algorithm algorithm) {
  return kAlgorithmNames[static_cast<std::size_t>(algorithm)];
}

// Returns nullopt for any other name. Names are case-sensitive.
[[nodiscard]] constexpr std::optional<Algorithm> parse_algorithm(std::string_view name) {
  for (std::size_t i = 0; i < kAlgorithmNames.size(); ++i) {
    if (kAlgorithmNames[i] == name) return static_cast<Algorithm>(i);
  }
  return std::nullopt;
}

}  // namespace offloader::jwt
