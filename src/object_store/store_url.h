#pragma once

#include <string>

#include "offloader/base/result.h"

namespace offloader::object_store {

enum class Scheme { local, s3, gs, https, http };

[[nodiscard]] const char* name_of(Scheme scheme);

// The parts of a store URL. Keys are raw: nothing in s3:// and gs:// URLs is percent-encoded, so `?`, `#` and
// `%` are part of the key.
struct StoreUrl {
  Scheme scheme = Scheme::local;
  std::string authority;  // bucket, or lower-case host[:port] without a default port
  std::string rest;       // key without its leading `/`; for http the path and query as written, with it; for
                          // local the path
};

// Parses a URL or a local path. Errors: invalid_config for an unknown scheme, a missing bucket or host, an
// empty path, a user in an http URL, and for the segments `.` and `..`, escaped or not.
[[nodiscard]] Result<StoreUrl> parse_store_url(const std::string& url);

// Returns `scheme://authority`, the base of requests, for `host[:port]` or a URL; empty if `endpoint` is
// neither.
[[nodiscard]] std::string base_of_endpoint(const std::string& endpoint, bool use_ssl);

}  // namespace offloader::object_store
