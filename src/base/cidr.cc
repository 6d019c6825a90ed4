#include "offloader/base/cidr.h"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/system/error_code.hpp>
#include <charconv>
#include <string>

namespace offloader {
namespace {

namespace ip = boost::asio::ip;

constexpr unsigned kBits = 128;

struct Address {
  ip::address_v6 mapped;
  unsigned width = kBits;  // of the address as written: 32 or 128
};

std::optional<Address> parse_address(std::string_view text) {
  // Asio would accept an interface name after a `%`, and would ignore everything after a NUL.
  if (text.find_first_of(std::string_view("%\0", 2)) != std::string_view::npos) return std::nullopt;
  const std::string whole(text);
  boost::system::error_code error;
  Address out;
  if (text.find(':') == std::string_view::npos) {
    const ip::address_v4 v4 = ip::make_address_v4(whole, error);
    out = {ip::make_address_v6(ip::v4_mapped, v4), 32};
  } else {
    out.mapped = ip::make_address_v6(whole, error);
  }
  if (error) return std::nullopt;
  return out;
}

Cidr::Bytes network_of(const ip::address_v6& address, unsigned bits) {
  return ip::network_v6(address, static_cast<unsigned short>(bits)).network().to_bytes();
}

}  // namespace

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  unsigned bits = address->width;
  if (slash != std::string_view::npos) {
    // Asio's make_network is not used because its prefix wraps around at 32 bits.
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits > address->width)
      return std::nullopt;
  }
  Cidr out;
  out.prefix_bits_ = bits + (kBits - address->width);
  out.network_ = network_of(address->mapped, out.prefix_bits_);
  return out;
}

std::string client_network(std::string_view address) {
  const auto parsed = parse_address(address);
  if (!parsed) return std::string(address);
  const Cidr::Bytes bytes = parsed->mapped.to_bytes();
  return parsed->mapped.is_v4_mapped() ? std::string(bytes.begin() + 12, bytes.end())
                                       : std::string(bytes.begin(), bytes.begin() + 8);
}

bool Cidr::contains(std::string_view address) const {
  const auto parsed = parse_address(address);
  return parsed && network_of(parsed->mapped, prefix_bits_) == network_;
}

}  // namespace offloader
