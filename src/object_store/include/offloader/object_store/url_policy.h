#pragma once

#include <string>
#include <vector>

#include "offloader/base/result.h"

namespace offloader::object_store {

// Which URLs one manifest may name (object-stores.md: manifests are less trusted than the project). Origins
// have the format of `allowed_origins`: `s3://bucket`, `gs://bucket`, `https://host[:port]`,
// `http://host[:port]`.
struct UrlPolicy {
  // Origins that may be named: `allowed_origins`, the manifest's own origin, and those that datasets name.
  std::vector<std::string> origins;
  // The origins in `allowed_origins` itself. Only these may use plain http or resolve to a loopback,
  // link-local or private address.
  std::vector<std::string> listed_origins;
};

// Returns the URL's origin in canonical form: lower-case scheme and host, `gs` instead of `gcs`, no default
// port and no path. Errors: invalid_config if it is not a URL of a store.
[[nodiscard]] Result<std::string> origin_of(const std::string& url);

// Checks whether a manifest under `policy` may name `url`. Errors: rejected. The host's address is checked by
// the store when it connects, so that a different DNS answer cannot bypass the check.
[[nodiscard]] Result<void> check_url(const std::string& url, const UrlPolicy& policy);

}  // namespace offloader::object_store
