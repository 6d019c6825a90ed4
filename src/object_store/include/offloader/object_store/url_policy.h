#pragma once

#include <string>
#include <vector>

#include "offloader/base/result.h"

namespace offloader::object_store {

// What the URLs of one manifest may name (object-stores.md: manifests are less trusted than the project).
// Origins are written as in `allowed_origins`: `s3://bucket`, `gs://bucket`, `https://host[:port]`,
// `http://host[:port]`.
struct UrlPolicy {
  // May be named at all: `allowed_origins`, the manifest's own origin, and those that datasets name.
  std::vector<std::string> origins;
  // Those that `allowed_origins` itself lists: only they may be plain http or lead to a loopback, link-local
  // or private address.
  std::vector<std::string> listed_origins;
};

// The URL's origin in canonical form: lower-case scheme and host, `gs` for `gcs`, no default port, no path.
// invalid_config for what is no URL of a store.
[[nodiscard]] Result<std::string> origin_of(const std::string& url);

// Whether a manifest under `policy` may name `url`: `rejected` when not. The address that its host leads to
// is checked when connecting, by the store itself, so that another answer of DNS cannot pass it.
[[nodiscard]] Result<void> check_url(const std::string& url, const UrlPolicy& policy);

}  // namespace offloader::object_store
