#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace offloader::cli {

// Returns whether this process can listen on `port` of `address` now. Port 0 is always free.
[[nodiscard]] bool port_is_free(const std::string& address, std::uint16_t port);

// Returns the first free port from `first` on that is not `taken`. Gives up after 100 ports and returns
// nullopt.
[[nodiscard]] std::optional<std::uint16_t> first_free_port(const std::string& address, std::uint16_t first,
                                                           std::uint16_t taken);

}  // namespace offloader::cli
