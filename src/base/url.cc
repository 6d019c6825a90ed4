#include "offloader/base/url.h"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <optional>

#include "offloader/base/ascii.h"

namespace offloader {
namespace {

constexpr std::size_t kLongestName = 253;

tl::unexpected<Error> bad(const char* why) {
  return fail(ErrorCode::invalid_config, why);
}

std::optional<Url::Scheme> scheme_of(std::string_view text) {
  const std::string name = ascii::to_lower(text);
  if (name == "s3") return Url::Scheme::s3;
  if (name == "gs" || name == "gcs") return Url::Scheme::gs;
  if (name == "https") return Url::Scheme::https;
  if (name == "http") return Url::Scheme::http;
  return std::nullopt;
}

const char* name_of(Url::Scheme scheme) {
  switch (scheme) {
    case Url::Scheme::s3:
      return "s3";
    case Url::Scheme::gs:
      return "gs";
    case Url::Scheme::https:
      return "https";
    case Url::Scheme::http:
      return "http";
  }
  return "https";
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return ascii::is_alnum(c) || c == '.' || c == '-' || c == '_'; });
}

// Resolvers based on inet_aton read `127.1`, `2130706433` and `0x7f.1` as addresses; others read them as
// names.
bool ends_in_number(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  const std::string last = ascii::to_lower(name.substr(name.rfind('.') + 1));
  if (last.starts_with("0x")) return last.find_first_not_of("0123456789abcdef", 2) == std::string::npos;
  return std::all_of(last.begin(), last.end(), ascii::is_digit);
}

void append_escape(std::string& out, char c) {
  constexpr char kHex[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += {'%', kHex[byte >> 4], kHex[byte & 15]};
}

// Percent-encodes what RFC 3986 forbids after the authority, as browsers and libcurl do.
std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80 ||
        std::string_view("\"<>[\\]^`{|}").find(c) != std::string_view::npos) {
      append_escape(out, c);
    } else {
      out += c;
    }
  }
  return out;
}

Result<Url> parse_bucket(Url::Scheme scheme, std::string_view after) {
  const std::size_t slash = std::min(after.find('/'), after.size());
  Url out{.scheme = scheme,
          .host = std::string(after.substr(0, slash)),
          .path = std::string(after.substr(slash))};
  if (!is_name(out.host)) return bad("the bucket name in the URL is missing or invalid");
  return out;
}

Result<Url> parse_web(Url::Scheme scheme, std::string_view after) {
  if (std::any_of(after.begin(), after.end(),
                  [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; }))
    return bad("the URL contains a space or control character; percent-encode it");
  const std::size_t end = std::min(after.find_first_of("/?#"), after.size());
  const std::string text =
      std::string(name_of(scheme)) + "://" + std::string(after.substr(0, end)) + encoded(after.substr(end));
  constexpr const char* kNoHost = "the host in the URL is missing or invalid";
  const auto authority = boost::urls::parse_authority(after.substr(0, end));
  if (!authority) return bad(kNoHost);
  if (authority->has_userinfo()) return bad("the URL must not contain a user or password");
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return bad("the URL is malformed: `%` must be followed by two hexadecimal digits");
  Url out{.scheme = scheme,
          .path = std::string(std::string_view(parsed->encoded_path())),
          .query = parsed->has_query() ? "?" + std::string(std::string_view(parsed->encoded_query())) : ""};
  switch (parsed->host_type()) {
    case boost::urls::host_type::ipv6:
      out.host = parsed->host_ipv6_address().to_string();
      break;
    case boost::urls::host_type::ipv4:
      out.host = parsed->host_ipv4_address().to_string();
      break;
    default:
      out.host = ascii::to_lower(std::string_view(parsed->encoded_host()));
      if (!is_name(out.host) || ends_in_number(out.host)) return bad(kNoHost);
  }
  if (parsed->has_port()) {
    // Boost 1.81's port_number() wraps around at 16 bits.
    const std::string_view digits = parsed->port();
    const auto [end_of_port, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
    if (error != std::errc() || end_of_port != digits.data() + digits.size() || out.port == 0)
      return bad("the port in the URL must be from 1 to 65535");
    if (out.port == (scheme == Url::Scheme::http ? 80 : 443)) out.port = 0;
  }
  return out;
}

}  // namespace

std::uint16_t Url::connect_port() const {
  if (port != 0) return port;
  return scheme == Scheme::http ? 80 : 443;
}

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != 0) out += ":" + std::to_string(port);
  return out;
}

std::string Url::target() const {
  return (path.empty() ? "/" : path) + query;
}

std::string Url::origin() const {
  return std::string(name_of(scheme)) + "://" + authority();
}

// Boost's normalize() is not used: it also decodes characters whose escapes matter in a query, `%2B` versus
// `+`.
std::string Url::comparable() const {
  if (!is_web()) return text();
  const std::string rest = target();
  std::string out = origin();
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] != '%') {
      out += rest[i];
      continue;
    }
    const auto byte = static_cast<char>(ascii::hex_value(rest[i + 1]) * 16 + ascii::hex_value(rest[i + 2]));
    if (ascii::is_alnum(byte) || std::string_view("-._~").find(byte) != std::string_view::npos) {
      out += byte;
    } else {
      append_escape(out, byte);
    }
    i += 2;
  }
  return out;
}

Result<Url> parse_url(std::string_view text) {
  const std::size_t colon = text.find("://");
  const auto scheme = colon == std::string_view::npos ? std::nullopt : scheme_of(text.substr(0, colon));
  if (!scheme) return bad("the URL must begin with s3://, gs://, https:// or http://");
  const std::string_view after = text.substr(colon + 3);
  return *scheme == Url::Scheme::s3 || *scheme == Url::Scheme::gs ? parse_bucket(*scheme, after)
                                                                  : parse_web(*scheme, after);
}

bool looks_like_url(std::string_view text) {
  return text.find("://") != std::string_view::npos;
}

bool is_web_url(std::string_view text) {
  const auto url = parse_url(text);
  return url && url->is_web();
}

}  // namespace offloader
