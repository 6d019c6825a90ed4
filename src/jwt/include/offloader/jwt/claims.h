#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace offloader::jwt {

// The names of the members that lead to a claim, outermost first; never empty.
using ClaimPath = std::vector<std::string>;

// Splits `org.id` at its dots. Returns an empty path if a part is empty.
[[nodiscard]] ClaimPath split_claim_path(std::string_view text);

// A claim that must be present with exactly this value.
struct RequiredClaim {
  std::string name;  // a member of the payload; dots are part of the name
  std::variant<std::string, std::int64_t, bool> value;

  friend bool operator==(const RequiredClaim&, const RequiredClaim&) = default;
};

// The payload of a token. Nothing in it may be trusted before the token is verified. Immutable; thread-safe.
class Claims {
 public:
  explicit Claims(std::shared_ptr<const nlohmann::json> payload) : payload_(std::move(payload)) {}

  // Returns the text of a claim; nullopt if it is absent or is not a string.
  [[nodiscard]] std::optional<std::string> text(const ClaimPath& path) const;

  // Returns the seconds of a NumericDate (RFC 7519, 2), without a fraction; nullopt if the claim is absent,
  // is not a number, or lies outside the years 1970 to 9999.
  [[nodiscard]] std::optional<std::int64_t> time(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;

  // An identifier: a string as it is, or an integer as its digits.
  struct Id {
    std::string text;
    bool number = false;
  };
  // Returns nullopt for a claim that is absent or null, an empty string or one with NUL, a boolean, a list,
  // an object, a number with a fraction, an exponent or the digits `-0`, and an integer outside 64 bits.
  [[nodiscard]] std::optional<Id> id(const ClaimPath& path) const;

  // Returns the words of a string, which spaces separate, or the strings of a list. Empty for anything else.
  [[nodiscard]] std::vector<std::string> words(const ClaimPath& path) const;

  // Returns whether the claim is one of the `accepted` strings, or a list that contains one of them.
  [[nodiscard]] bool names_one_of(const ClaimPath& path, const std::vector<std::string>& accepted) const;

  [[nodiscard]] bool holds(const RequiredClaim& required) const;

 private:
  [[nodiscard]] const nlohmann::json* find(const ClaimPath& path) const;

  std::shared_ptr<const nlohmann::json> payload_;  // an object
};

}  // namespace offloader::jwt
