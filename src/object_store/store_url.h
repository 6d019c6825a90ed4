#pragma once

#include <string>

#include "offloader/base/result.h"

namespace offloader::object_store {

enum class Scheme { local, s3, gs, https, http };

[[nodiscard]] const char* name_of(Scheme scheme);

// A URL of a store, taken apart. Keys are raw: nothing in s3:// and gs:// URLs is percent-encoded, so `?`,
// `#` and `%` are letters of the key.
struct StoreUrl {
  Scheme scheme = Scheme::local;
  std::string authority;  // bucket, or lower-case host[:port] without a default port
  std::string rest;       // key without its leading `/`; for http the path and query as written, with it; for
                          // local the path
};

// invalid_config for an unknown scheme, no bucket, an http URL with a user or without a host, and for
// segments
// `.` and `..`, escaped ones too.
[[nodiscard]] Result<StoreUrl> parse_store_url(const std::string& url);

// scheme://authority, the base of requests, from `host[:port]` or a URL; empty when it is neither.
[[nodiscard]] std::string base_of_endpoint(const std::string& endpoint, bool use_ssl);

}  // namespace offloader::object_store
