#include "store_url.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>

#include "offloader/base/dot_segments.h"
#include "offloader/object_store/store_options.h"
#include "offloader/object_store/url_policy.h"

namespace offloader::object_store {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::optional<Scheme> scheme_of(const std::string& name) {
  if (name == "s3") return Scheme::s3;
  if (name == "gs" || name == "gcs") return Scheme::gs;
  if (name == "https") return Scheme::https;
  if (name == "http") return Scheme::http;
  return std::nullopt;
}

bool is_host_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_' || c == ':' ||
         c == '[' || c == ']';
}

bool is_bucket_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
}

tl::unexpected<Error> dots() {
  return fail(ErrorCode::invalid_config, "the URL has a `.` or `..` between its slashes");
}

Result<StoreUrl> parse_http(Scheme scheme, const std::string& after) {
  const std::size_t end = std::min(after.find_first_of("/?#"), after.size());
  StoreUrl out{scheme, lower(after.substr(0, end)), after.substr(end)};
  if (out.authority.empty() || !std::all_of(out.authority.begin(), out.authority.end(), is_host_letter)) {
    return fail(ErrorCode::invalid_config,
                "the URL has no usable host; a user or password may not stand in it");
  }
  const std::string default_port = scheme == Scheme::https ? ":443" : ":80";
  if (out.authority.ends_with(default_port) && host_of(out.authority) + default_port == out.authority) {
    out.authority.resize(out.authority.size() - default_port.size());
  }
  out.rest = out.rest.substr(0, out.rest.find('#'));
  if (out.rest.empty() || out.rest.front() != '/') out.rest.insert(0, "/");
  if (has_dot_segments(std::string_view(out.rest).substr(0, out.rest.find('?')))) return dots();
  for (const char c : out.rest) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return fail(ErrorCode::invalid_config, "the URL holds a control character");
    }
  }
  return out;
}

}  // namespace

const char* name_of(Scheme scheme) {
  switch (scheme) {
    case Scheme::local:
      return "local";
    case Scheme::s3:
      return "s3";
    case Scheme::gs:
      return "gcs";
    case Scheme::https:
      return "https";
    case Scheme::http:
      return "http";
  }
  return "local";
}

Result<StoreUrl> parse_store_url(const std::string& url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string::npos) {
    if (url.empty() || url.find('\0') != std::string::npos)
      return fail(ErrorCode::invalid_config, "the path is empty");
    return StoreUrl{Scheme::local, {}, url};
  }
  const auto scheme = scheme_of(lower(url.substr(0, colon)));
  if (!scheme)
    return fail(ErrorCode::invalid_config, "the URL is of no store: s3://, gs://, https:// or http://");
  const std::string after = url.substr(colon + 3);
  if (*scheme == Scheme::https || *scheme == Scheme::http) return parse_http(*scheme, after);
  const std::size_t slash = std::min(after.find('/'), after.size());
  StoreUrl out{*scheme, after.substr(0, slash),
               slash < after.size() ? after.substr(slash + 1) : std::string()};
  if (out.authority.empty() || out.authority == "." || out.authority == ".." ||
      !std::all_of(out.authority.begin(), out.authority.end(), is_bucket_letter)) {
    return fail(ErrorCode::invalid_config, "the URL names no bucket");
  }
  if (has_dot_segments(out.rest)) return dots();
  return out;
}

std::string host_of(const std::string& authority) {
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.find(':'));
}

std::string base_of_endpoint(const std::string& endpoint, bool use_ssl) {
  std::string full = endpoint;
  if (full.find("://") == std::string::npos) full = (use_ssl ? "https://" : "http://") + full;
  const auto parsed = parse_store_url(full);
  if (!parsed || (parsed->scheme != Scheme::https && parsed->scheme != Scheme::http) || parsed->rest != "/")
    return {};
  return std::string(name_of(parsed->scheme)) + "://" + parsed->authority;
}

std::string redact_url(const std::string& url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string::npos) return url;
  const std::string scheme = lower(url.substr(0, colon));
  if (scheme == "s3" || scheme == "gs" || scheme == "gcs") return url;
  std::string out = url.substr(0, std::min(url.find_first_of("?#"), url.size()));
  const std::size_t slash = std::min(out.find('/', colon + 3), out.size());
  const std::size_t at = out.rfind('@', slash);
  if (at != std::string::npos && at > colon) out.erase(colon + 3, at - colon - 2);
  if (out.size() < url.size() && url.find('?') != std::string::npos) out += "?…";
  return out;
}

Result<std::string> origin_of(const std::string& url) {
  const auto parsed = parse_store_url(url);
  if (!parsed) return fail(parsed.error());
  if (parsed->scheme == Scheme::local) return fail(ErrorCode::invalid_config, "a path has no origin");
  const std::string scheme = parsed->scheme == Scheme::gs ? "gs" : name_of(parsed->scheme);
  return scheme + "://" + parsed->authority;
}

}  // namespace offloader::object_store
