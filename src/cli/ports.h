#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace offloader::cli {

// Whether nobody listens on `port` of `address` and this process may. Port 0 is always free.
[[nodiscard]] bool port_is_free(const std::string& address, std::uint16_t port);

// The first free port from `first` on, other than `taken`; nothing after a hundred of them.
[[nodiscard]] std::optional<std::uint16_t> first_free_port(const std::string& address, std::uint16_t first,
                                                           std::uint16_t taken);

}  // namespace offloader::cli
