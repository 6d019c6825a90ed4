#pragma once

#include <string_view>

namespace offloader::identity {

// Returns whether a UTF-8 text is in Unicode Normalization Form C. Two texts that look the same have only one
// such form, so a tenant has one spelling.
[[nodiscard]] bool is_nfc(std::string_view text);

}  // namespace offloader::identity
