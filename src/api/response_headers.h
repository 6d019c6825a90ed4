#pragma once

#include <optional>
#include <string>

#include "cors.h"
#include "exchange.h"

// The response headers that say who may cache an answer, for how long, and which request headers it depends
// on (consumer-api.md, "Caching" and "CORS").
namespace offloader::api {

// Appends groups of response headers. Immutable; thread-safe.
class ResponseHeaders {
 public:
  explicit ResponseHeaders(Cors cors) : cors_(std::move(cors)) {}

  // Appends the headers of every response other than a preflight: request id, nosniff, CORS and the limits of
  // the caller.
  void append_common(std::string& headers, const Exchange& exchange) const;
  // The same for a response without an exchange.
  void append_common(std::string& headers, std::string_view request_id,
                     const std::optional<std::string_view>& origin) const;

  // Appends Content-Type, and Content-Disposition if the answer is a file rather than JSON.
  void append_content(std::string& headers, const Exchange& exchange, rows::Format format) const;

  // Appends what `meta` says of the snapshot, for clients of every format.
  void append_facts(std::string& headers, const Exchange& exchange, SystemTime now) const;

  // Appends ETag, Cache-Control and Vary of a 200 or a 304. Only answers that depend on neither a key nor a
  // tenant are public, and those to a POST are for no cache at all. `tag` is the question's part of the ETag.
  void append_validators(std::string& headers, const Exchange& exchange, std::string_view tag,
                         SystemTime now) const;

  // Appends ETag, Cache-Control and Vary of the list of endpoints. `open`: it is the same for every caller.
  void append_listing(std::string& headers, std::string_view etag, bool open) const;

  // Appends Content-Type, Cache-Control and Vary of a response that must not be cached: errors, batches and
  // /healthz. `encoding`: it may be compressed.
  void append_uncached(std::string& headers, bool encoding = false) const;

  // Appends all headers of the response to OPTIONS. `preflight`: the request has Origin and
  // Access-Control-Request-Method.
  void append_options(std::string& headers, const Exchange& exchange, bool preflight) const;

 private:
  // The request headers on which a response depends. Origin is added where CORS needs it.
  struct Varies {
    bool authorization = false;
    bool encoding = false;
    bool format = false;
  };
  void append_vary(std::string& headers, Varies by) const;

  Cors cors_;
};

// Returns for how many seconds a public answer is fresh: what is left of the endpoint's freshness window,
// from 0 to 3600, or 60 without a window. An answer for `today` is not fresh past its end in UTC.
[[nodiscard]] std::int64_t max_age_of(const serving::ServedEndpoint& endpoint, SystemTime now,
                                      std::optional<std::int32_t> today = std::nullopt);

}  // namespace offloader::api
