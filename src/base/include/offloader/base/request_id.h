#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace offloader {

// The caller's x-request-id where it may be kept (1 to 200 of A-Z a-z 0-9 _ . -, and not `always_new`), else
// a new one of 32 hex digits, distinct in all processes.
[[nodiscard]] std::string request_id_for(std::optional<std::string_view> sent, bool always_new);

}  // namespace offloader
