#include "client_address.h"

#include <algorithm>
#include <string_view>

namespace offloader::api {
namespace {

std::string_view strip(std::string_view text, std::string_view characters) {
  const auto first = text.find_first_not_of(characters);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(characters) - first + 1);
}

// Strips port, brackets and quotes: `192.0.2.1:80`, `"[2001:db8::1]:80"` and `2001:db8::1` become the bare
// address.
std::string_view bare_address(std::string_view node) {
  node = strip(node, " \t\"");
  if (node.starts_with('[')) return node.substr(1, node.find(']') - 1);
  if (std::count(node.begin(), node.end(), ':') == 1) return node.substr(0, node.find(':'));
  return node;
}

// Returns the `for=` value of one Forwarded element (RFC 7239); empty if there is none.
std::string_view for_of(std::string_view element) {
  while (!element.empty()) {
    const auto end = element.find(';');
    std::string_view pair = strip(element.substr(0, end), " \t");
    element = end == std::string_view::npos ? std::string_view{} : element.substr(end + 1);
    if (pair.size() > 4 && (pair[0] | 32) == 'f' && (pair[1] | 32) == 'o' && (pair[2] | 32) == 'r' &&
        pair[3] == '=') {
      return pair.substr(4);
    }
  }
  return {};
}

// Follows the hops of a header from the nearest one outwards, as long as a trusted proxy reported them.
template <typename IsTrusted>
ClientAddress follow(std::string_view peer, std::string_view hops, bool forwarded,
                     const IsTrusted& is_trusted) {
  ClientAddress client{std::string(peer)};
  while (!hops.empty()) {
    const auto comma = hops.rfind(',');
    const std::string_view hop = comma == std::string_view::npos ? hops : hops.substr(comma + 1);
    hops = comma == std::string_view::npos ? std::string_view{} : hops.substr(0, comma);
    const std::string_view address = bare_address(forwarded ? for_of(hop) : hop);
    if (!Cidr::parse(address) || address.find('/') != std::string_view::npos) {
      client.certain = false;
      break;
    }
    client.address = address;
    if (!is_trusted(client.address)) break;
  }
  return client;
}

}  // namespace

ClientAddress client_address(const http::Request& request, const std::vector<Cidr>& trusted) {
  const auto is_trusted = [&](std::string_view address) {
    return std::any_of(trusted.begin(), trusted.end(),
                       [&](const Cidr& network) { return network.contains(address); });
  };
  const std::string_view peer = request.peer();
  if (trusted.empty() || !is_trusted(peer)) return {std::string(peer)};
  const auto forwarded = request.header("forwarded");
  const auto hops = request.header("x-forwarded-for");
  if (!forwarded) return follow(peer, hops.value_or(""), false, is_trusted);
  ClientAddress client = follow(peer, *forwarded, true, is_trusted);
  if (!hops) return client;
  const ClientAddress other = follow(peer, *hops, false, is_trusted);
  if (client.address == other.address)
    client.certain = client.certain && other.certain;
  else
    client = {std::string(peer), false};
  return client;
}

}  // namespace offloader::api
