#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "exchange.h"
#include "offloader/api/api.h"

namespace offloader::api {

// The lines that requests leave in the log (settings.md, "Logs"): never a token, a param value or a tenant,
// and no text of the caller but what has a fixed shape. Any thread.
class RequestLog {
 public:
  RequestLog(telemetry::Log& log, AccessLog mode) : log_(log), mode_(mode) {}

  // Whether access lines are written at all, so that what only they need must be gathered.
  [[nodiscard]] bool wants_access() const { return mode_ != AccessLog::off; }

  // The one line of a request. `cache` is hit, miss, off or empty; `bytes` are the body's; of the answer to
  // HEAD none are sent.
  struct Outcome {
    int status = 200;
    std::string_view cache;
    std::int64_t rows = 0;
    std::size_t bytes = 0;
    std::chrono::nanoseconds taken{0};
  };
  void access(const Exchange& exchange, const Outcome& outcome) const;
  // The line of a request that the connection refused, before there was an exchange.
  void refused_connection(std::string_view request_id, int status, std::size_t bytes) const;

  // A query that ended, or ran out of time: a debug line, and past a second a warning with the plan's shape.
  void query(const Exchange& exchange, std::string_view executor, std::chrono::nanoseconds taken) const;

  // The cause of an answer that tells the client none.
  void failure(const Exchange& exchange, const Error& error) const;

 private:
  [[nodiscard]] bool wants(int status) const;

  telemetry::Log& log_;
  AccessLog mode_;
};

// A message of the database without the values that it may quote: what stands in quotes, and numbers.
[[nodiscard]] std::string without_values(std::string_view text);

// The trace id of a W3C traceparent (`00-{32 hex}-{16 hex}-{2 hex}`), or nothing.
[[nodiscard]] std::string trace_id_of(std::optional<std::string_view> traceparent);

}  // namespace offloader::api
