#include "client_address.h"

#include <algorithm>
#include <string_view>

#include "forwarded.h"
#include "offloader/base/ascii.h"

namespace offloader::api {
namespace {

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::ranges::all_of(text, ascii::is_digit);
}

// Strips port and brackets: `192.0.2.1:80`, `[2001:db8::1]:80` and `2001:db8::1` become the bare address.
// Returns an empty text if there is anything else around it.
std::string_view bare_address(std::string_view node) {
  node = ascii::trim(node, ascii::is_blank);
  if (node.starts_with('[')) {
    const auto end = node.find(']');
    if (end == std::string_view::npos) return {};
    const std::string_view rest = node.substr(end + 1);
    return rest.empty() || (rest[0] == ':' && is_port(rest.substr(1))) ? node.substr(1, end - 1)
                                                                       : std::string_view{};
  }
  if (std::ranges::count(node, ':') != 1) return node;
  const auto colon = node.find(':');
  return is_port(node.substr(colon + 1)) ? node.substr(0, colon) : std::string_view{};
}

// Splits X-Forwarded-For.
std::vector<std::string> hops_of(std::string_view header) {
  std::vector<std::string> out;
  while (!header.empty()) {
    const auto comma = header.find(',');
    out.emplace_back(header.substr(0, comma));
    if (comma == std::string_view::npos) break;
    header.remove_prefix(comma + 1);
  }
  return out;
}

// Follows the hops of a header from the nearest one outwards, as long as a trusted proxy reported them.
template <typename IsTrusted>
ClientAddress follow(std::string_view peer, const std::vector<std::string>& hops,
                     const IsTrusted& is_trusted) {
  ClientAddress client{std::string(peer)};
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    const std::string_view address = bare_address(*hop);
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
  if (!forwarded) return follow(peer, hops_of(hops.value_or("")), is_trusted);
  const auto elements = forwarded_for(*forwarded);
  if (!elements) return {std::string(peer), false};
  ClientAddress client = follow(peer, *elements, is_trusted);
  if (!hops) return client;
  const ClientAddress other = follow(peer, hops_of(*hops), is_trusted);
  if (client.address == other.address)
    client.certain = client.certain && other.certain;
  else
    client = {std::string(peer), false};
  return client;
}

}  // namespace offloader::api
