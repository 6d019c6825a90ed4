#include "offloader/object_store/url_policy.h"

#include <algorithm>

#include "offloader/object_store/store_options.h"
#include "store_url.h"
#include "url_policy_check.h"

namespace offloader::object_store {
namespace {

bool holds(const std::vector<std::string>& origins, const std::string& origin) {
  return std::any_of(origins.begin(), origins.end(), [&](const std::string& candidate) {
    const auto canonical = origin_of(candidate);
    return canonical && *canonical == origin;
  });
}

}  // namespace

bool lists_origin(const UrlPolicy& policy, const std::string& url) {
  const auto origin = origin_of(url);
  return origin && holds(policy.listed_origins, *origin);
}

Result<void> check_url(const std::string& url, const UrlPolicy& policy) {
  const auto origin = origin_of(url);
  if (!origin)
    return fail(ErrorCode::rejected, "the manifest contains an invalid URL: " + origin.error().message);
  const bool listed = holds(policy.listed_origins, *origin);
  if (!listed && !holds(policy.origins, *origin)) {
    return fail(ErrorCode::rejected,
                "the manifest names an origin that is not allowed: add it to allowed_origins",
                redact_url(url));
  }
  if (origin->starts_with("http://") && !listed) {
    return fail(ErrorCode::rejected,
                "the manifest names a plain http URL: its origin must be listed in allowed_origins",
                redact_url(url));
  }
  return {};
}

}  // namespace offloader::object_store
