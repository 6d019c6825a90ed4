#include "offloader/catalog/origin.h"

#include <algorithm>
#include <charconv>

#include "offloader/base/ascii.h"

namespace offloader::catalog {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return ascii::is_lower(c) || ascii::is_digit(c) || c == '.' || c == '-' || c == '_';
         });
}

bool is_ipv6(std::string_view text) {
  return text.size() > 4 && text.front() == '[' && text.back() == ']' &&
         text.substr(1, text.size() - 2).find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
}

std::optional<std::string> web_origin(const std::string& scheme, std::string_view authority) {
  const std::string host_port = ascii::to_lower(authority);
  std::string host = host_port;
  std::string port;
  const std::size_t colon = host_port.rfind(':');
  const std::size_t bracket = host_port.rfind(']');
  if (colon != std::string::npos && (bracket == std::string::npos || colon > bracket)) {
    host = host_port.substr(0, colon);
    unsigned number = 0;
    const char* const last = host_port.data() + host_port.size();
    const auto [end, error] = std::from_chars(host_port.data() + colon + 1, last, number);
    if (error != std::errc{} || end != last || number == 0 || number > 65535) return std::nullopt;
    if (number != (scheme == "https" ? 443U : 80U)) port = ":" + std::to_string(number);
  }
  if (!is_name(host) && !is_ipv6(host)) return std::nullopt;
  return scheme + "://" + host + port;
}

std::optional<std::string> origin_of(std::string scheme, std::string_view authority) {
  if (scheme == "gcs") scheme = "gs";
  if (scheme == "https" || scheme == "http") return web_origin(scheme, authority);
  if (scheme != "s3" && scheme != "gs") return std::nullopt;
  // Old buckets may have upper case letters, and there they count.
  if (!is_name(ascii::to_lower(authority))) return std::nullopt;
  return scheme + "://" + std::string(authority);
}

struct Split {
  std::string scheme;
  std::string_view authority;
  std::string_view rest;  // begins with `/`, `?` or `#`, or is empty
};

std::optional<Split> split(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view after = text.substr(colon + 3);
  const std::size_t end = std::min(after.find_first_of("/?#"), after.size());
  return Split{ascii::to_lower(text.substr(0, colon)), after.substr(0, end), after.substr(end)};
}

}  // namespace

bool is_url(std::string_view location) {
  return location.find("://") != std::string_view::npos;
}

bool has_dot_segments(std::string_view url) {
  const auto parts = split(url);
  if (!parts) return false;
  std::string_view path = parts->rest;
  // In a bucket `?` and `#` are part of the key.
  if (parts->scheme.starts_with("http")) path = path.substr(0, path.find_first_of("?#"));
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(segment.size());
  }
  return false;
}

std::optional<std::string> normalize_origin(std::string_view text) {
  const auto parts = split(text);
  if (!parts || (!parts->rest.empty() && parts->rest != "/")) return std::nullopt;
  return origin_of(parts->scheme, parts->authority);
}

std::optional<std::string> origin_of_url(std::string_view url) {
  const auto parts = split(url);
  if (!parts || parts->rest.size() < 2 || parts->rest.front() != '/') return std::nullopt;
  const bool printable = std::all_of(
      url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
  return printable ? origin_of(parts->scheme, parts->authority) : std::nullopt;
}

}  // namespace offloader::catalog
