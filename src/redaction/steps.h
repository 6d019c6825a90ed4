#pragma once

#include <string>
#include <string_view>

#include "offloader/base/ascii.h"
#include "offloader/redaction/redact.h"

// The steps of redact(), each from text to text.
namespace offloader::redaction {

// Secrets by the name of their field.
[[nodiscard]] std::string mask_fields(std::string_view text, bool tenants);

// Secrets by the name of their XML element.
[[nodiscard]] std::string mask_elements(std::string_view text);

// Secrets by their own shape.
[[nodiscard]] std::string mask_shapes(std::string_view text);

using ascii::is_alnum;
using ascii::is_digit;
using ascii::is_hex;
using ascii::is_lower;
using ascii::is_upper;
using ascii::istarts_with;
using ascii::to_lower;

// White space inside of a line.
[[nodiscard]] constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

}  // namespace offloader::redaction
