#include "store_url.h"

#include <algorithm>

#include "offloader/base/dot_segments.h"
#include "offloader/base/url.h"
#include "offloader/object_store/store_options.h"
#include "offloader/object_store/url_policy.h"

namespace offloader::object_store {
namespace {

tl::unexpected<Error> dots() {
  return fail(ErrorCode::invalid_config, "the URL must not contain `.` or `..` as a path segment");
}

Scheme scheme_of(Url::Scheme scheme) {
  switch (scheme) {
    case Url::Scheme::s3:
      return Scheme::s3;
    case Url::Scheme::gs:
      return Scheme::gs;
    case Url::Scheme::https:
      return Scheme::https;
    case Url::Scheme::http:
      break;
  }
  return Scheme::http;
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

Result<StoreUrl> parse_store_url(const std::string& text) {
  if (!looks_like_url(text)) {
    if (text.empty() || text.find('\0') != std::string::npos)
      return fail(ErrorCode::invalid_config, "the path is empty or contains a NUL byte");
    return StoreUrl{Scheme::local, {}, text};
  }
  const auto url = parse_url(text);
  if (!url) return fail(url.error());
  if (has_dot_segments(url->path)) return dots();
  return StoreUrl{scheme_of(url->scheme), url->authority(), url->is_web() ? url->target() : url->key()};
}

std::string base_of_endpoint(const std::string& endpoint, bool use_ssl) {
  const auto url =
      parse_url(looks_like_url(endpoint) ? endpoint : (use_ssl ? "https://" : "http://") + endpoint);
  return url && url->is_web() && url->target() == "/" ? url->origin() : std::string();
}

std::string redact_url(const std::string& url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string::npos) return url;
  // Redact by the text: even an invalid URL may contain a password.
  if (const auto parsed = parse_url(url); parsed && !parsed->is_web()) return url;
  std::string out = url.substr(0, std::min(url.find_first_of("?#"), url.size()));
  const std::size_t slash = std::min(out.find('/', colon + 3), out.size());
  const std::size_t at = out.rfind('@', slash);
  if (at != std::string::npos && at > colon) out.erase(colon + 3, at - colon - 2);
  if (out.size() < url.size() && url.find('?') != std::string::npos) out += "?…";
  return out;
}

Result<std::string> origin_of(const std::string& text) {
  if (!looks_like_url(text)) return fail(ErrorCode::invalid_config, "a local path has no origin: use a URL");
  const auto url = parse_url(text);
  if (!url) return fail(url.error());
  if (has_dot_segments(url->path)) return dots();
  return url->origin();
}

}  // namespace offloader::object_store
