#pragma once

#include <string>
#include <string_view>

namespace offloader::query {

// Returns a JSON number as a plain decimal, the same for all spellings of one number: no exponent, no `+`, no
// leading or trailing zeros, no point before nothing, and no `-0`. Returns the text unchanged if the decimal
// would have more than 400 digits. Requires: `number` is a JSON number (RFC 8259, 6).
[[nodiscard]] std::string plain_decimal(std::string_view number);

}  // namespace offloader::query
