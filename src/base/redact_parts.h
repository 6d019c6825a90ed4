#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "offloader/base/redact.h"

// The steps of redact(), each from text to text.
namespace offloader::redaction {

// Secrets by the name of their field.
[[nodiscard]] std::string mask_fields(std::string_view text, bool tenants);

// Secrets by the name of their XML element.
[[nodiscard]] std::string mask_elements(std::string_view text);

// Secrets by their own shape.
[[nodiscard]] std::string mask_shapes(std::string_view text);

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
[[nodiscard]] constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
[[nodiscard]] constexpr bool is_alnum(char c) {
  return is_digit(c) || is_lower(c) || is_upper(c);
}
[[nodiscard]] constexpr char to_lower(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

[[nodiscard]] inline bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char a, char b) { return to_lower(a) == to_lower(b); });
}

}  // namespace offloader::redaction
