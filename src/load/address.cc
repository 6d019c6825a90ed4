#include "address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "offloader/base/descriptor.h"

namespace offloader::load {

Descriptor connecting_socket(const Address& address) {
  Descriptor fd(::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return fd;
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size) == 0 ||
      errno == EINPROGRESS)
    return fd;
  return {};
}

Result<Address> reachable_address(const std::string& host, std::uint16_t port, int timeout_ms) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &raw);
  if (code != 0)
    return fail(ErrorCode::unavailable, "Cannot resolve " + host + ": " + ::gai_strerror(code) + ".");
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> found(raw, ::freeaddrinfo);
  int error = 0;
  for (const addrinfo* each = found.get(); each != nullptr; each = each->ai_next) {
    Address address;
    std::memcpy(&address.bytes, each->ai_addr, each->ai_addrlen);
    address.size = each->ai_addrlen;
    const Descriptor fd = connecting_socket(address);
    if (!fd.valid()) {
      error = errno;
      continue;
    }
    pollfd wait{fd.get(), POLLOUT, 0};
    error = ETIMEDOUT;
    if (::poll(&wait, 1, timeout_ms) == 1) {
      socklen_t size = sizeof error;
      ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0) return address;
  }
  return fail(ErrorCode::unavailable,
              "Cannot connect to " + host + ":" + std::to_string(port) + ": " + std::strerror(error) + ".");
}

}  // namespace offloader::load
