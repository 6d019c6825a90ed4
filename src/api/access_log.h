#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "exchange.h"
#include "offloader/api/api.h"

namespace offloader::api {

// Writes the log lines of requests (settings.md, "Logs"). A line never contains a token, a param value or a
// tenant, and contains text of the caller only if it has a fixed shape. Thread-safe.
class RequestLog {
 public:
  RequestLog(telemetry::Log& log, AccessLog mode) : log_(log), mode_(mode) {}

  // Returns whether access lines are written at all. If not, the fields that only they need are not gathered.
  [[nodiscard]] bool wants_access() const { return mode_ != AccessLog::off; }

  // What one access line reports. `cache` is hit, miss, off or empty. `bytes` is the size of the body; the
  // line of a HEAD request says 0 instead.
  struct Outcome {
    int status = 200;
    std::string_view cache;
    std::int64_t rows = 0;
    std::size_t bytes = 0;
    std::chrono::nanoseconds taken{0};
  };
  // Writes the access line of a request, if the mode asks for one.
  void access(const Exchange& exchange, const Outcome& outcome) const;
  // Writes the access line of a request that the connection refused before there was an exchange.
  void refused_connection(std::string_view request_id, int status, std::size_t bytes) const;

  // Logs at debug level why a JWT was refused, which its sender is not told. `issuer` is its id, if known.
  void refused_token(const Exchange& exchange, std::string_view issuer, std::string_view reason) const;

  // Logs a query that ended or timed out: at debug level, and also as a warning with the shape of its plan if
  // it took more than a second.
  void query(const Exchange& exchange, std::string_view executor, std::chrono::nanoseconds taken) const;

  // Logs the cause of an error whose response does not tell the client.
  void failure(const Exchange& exchange, const Error& error) const;

 private:
  [[nodiscard]] bool wants(int status) const;

  telemetry::Log& log_;
  AccessLog mode_;
};

// Returns a database message with everything in quotes and every number masked, because it may quote values.
[[nodiscard]] std::string without_values(std::string_view text);

// Returns the trace id of a W3C traceparent (`00-{32 hex}-{16 hex}-{2 hex}`), or an empty string if it is
// malformed.
[[nodiscard]] std::string trace_id_of(std::optional<std::string_view> traceparent);

}  // namespace offloader::api
