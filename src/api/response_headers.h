#pragma once

#include <string>

#include "cors.h"
#include "exchange.h"

// The headers that say who may keep an answer, for how long, and what it depends on (consumer-api.md,
// "Caching" and "CORS").
namespace offloader::api {

class ResponseHeaders {
 public:
  explicit ResponseHeaders(Cors cors) : cors_(std::move(cors)) {}

  // Of every response but a preflight's: request id, nosniff, CORS.
  void append_common(std::string& headers, std::string_view request_id,
                     const std::optional<std::string_view>& origin) const;

  // ETag, Cache-Control and Vary of a 200 or a 304. Public only for answers that no key and no tenant made.
  // `tag`: the question's part of the ETag.
  void append_validators(std::string& headers, const Exchange& exchange, std::string_view tag,
                         SystemTime now) const;

  // Content type, Cache-Control and Vary of what nobody may keep: errors and /healthz.
  void append_uncached(std::string& headers) const;

  // Everything of the answer to OPTIONS. `preflight`: the request has Origin and
  // Access-Control-Request-Method.
  void append_options(std::string& headers, const Exchange& exchange, bool preflight) const;

 private:
  void append_vary(std::string& headers, bool authorization, bool encoding) const;

  Cors cors_;
};

// Seconds for which a public answer is fresh: what is left of the endpoint's freshness window, 0 to 3600; 60
// without a window.
[[nodiscard]] std::int64_t max_age_of(const serving::ServedEndpoint& endpoint, SystemTime now);

}  // namespace offloader::api
