#include "ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "offloader/base/descriptor.h"

namespace offloader::cli {

bool port_is_free(const std::string& address, std::uint16_t port) {
  if (port == 0) return true;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const bool six = ::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1;
  if (!six && ::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) != 1) return false;
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  const Descriptor fd(::socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return false;
  // SO_REUSEADDR allows connections of a previous server to linger in TIME_WAIT; a listening socket still
  // fails the bind. SO_REUSEPORT is not set, because with it a second server could share the port.
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool bound = six ? ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&v6), sizeof v6) == 0
                         : ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&v4), sizeof v4) == 0;
  return bound && ::listen(fd.get(), 1) == 0;
}

std::optional<std::uint16_t> first_free_port(const std::string& address, std::uint16_t first,
                                             std::uint16_t taken) {
  constexpr std::uint16_t kTried = 100;
  for (std::uint16_t i = 0; i < kTried; ++i) {
    const auto port = static_cast<std::uint16_t>(first + i);
    if (port != taken && port_is_free(address, port)) return port;
  }
  return std::nullopt;
}

}  // namespace offloader::cli
