#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace offloader {

// Returns the caller's x-request-id if it is acceptable (1 to 200 of A-Z a-z 0-9 _ . -) and `always_new` is
// false. Otherwise returns a new id of 32 hex digits, unique across processes. Any thread may call it.
[[nodiscard]] std::string request_id_for(std::optional<std::string_view> sent, bool always_new);

}  // namespace offloader
