#pragma once

#include <string>
#include <string_view>

#include "offloader/base/ascii.h"
#include "offloader/redaction/redact.h"

// The steps of redact(). Each returns the masked text.
namespace offloader::redaction {

// Masks the values of fields with secret names.
[[nodiscard]] std::string mask_fields(std::string_view text, bool tenants);

// Masks the contents of XML elements with secret names.
[[nodiscard]] std::string mask_elements(std::string_view text);

// Masks values that have the shape of a secret.
[[nodiscard]] std::string mask_shapes(std::string_view text);

using ascii::is_alnum;
using ascii::is_digit;
using ascii::is_hex;
using ascii::is_lower;
using ascii::is_upper;
using ascii::istarts_with;
using ascii::to_lower;

// White space within a line.
[[nodiscard]] constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

}  // namespace offloader::redaction
