#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "access_log.h"
#include "exchange.h"
#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "read_audit.h"
#include "response_headers.h"

namespace offloader::api {

// Ends exchanges: counts, logs and records the outcome, also in the usage ledger, and sends the response.
// Immutable; thread-safe.
class Finish {
 public:
  Finish(telemetry::Log& log, const Clock& clock, const ApiOptions& options)
      : clock_(clock),
        ledger_(options.ledger),
        log_(log, options.access_log),
        audit_(options.read_audit, clock),
        headers_(Cors(options.cors_origins)) {}

  [[nodiscard]] const RequestLog& log() const { return log_; }
  [[nodiscard]] const ReadAudit& audit() const { return audit_; }
  [[nodiscard]] const ResponseHeaders& headers() const { return headers_; }

  // Sends a 200 with `rows` rows, or a 304.
  void answered(Exchange& exchange, http::Response response, std::int64_t rows) const;

  // Counts and logs a 200 whose body is streamed: when it ended, with the rows and bytes sent, or before it
  // could complete. `begun` is when its head was sent: how long the client then takes is not the server's
  // latency. Sends nothing.
  void streamed(Exchange& exchange, std::int64_t rows, std::size_t bytes, SteadyTime begun) const;
  void broken(Exchange& exchange, const Error& error, std::int64_t rows, std::size_t bytes,
              SteadyTime begun) const;

  // Sends the response to a request outside the endpoints (OPTIONS, /healthz). It is logged but not counted
  // in request metrics.
  void served(Exchange& exchange, http::Response response) const;

  // Sends the error envelope. `tell`: whether to log the cause if the client is not told it.
  void refused(Exchange& exchange, const Error& error, bool tell = true) const;

  // Returns the response to a request that the connection itself refuses, and logs it.
  [[nodiscard]] http::Response connection_error(int status, std::string_view message) const;

 private:
  [[nodiscard]] http::Response error_frame(std::string_view request_id,
                                           const std::optional<std::string_view>& origin, int status,
                                           std::string_view family, std::string_view message,
                                           std::span<const Problem> problems = {}) const;
  // `begun`: when a streamed answer was handed over; nullopt: now.
  void conclude(Exchange& exchange, int status, std::int64_t rows, std::size_t bytes,
                std::optional<SteadyTime> begun = std::nullopt) const;

  static void send(Exchange& exchange, http::Response response);
  void count_usage(Exchange& exchange, int status, std::int64_t rows, std::size_t bytes) const;

  const Clock& clock_;
  usage::Ledger* const ledger_;
  RequestLog log_;
  ReadAudit audit_;
  ResponseHeaders headers_;
};

}  // namespace offloader::api
