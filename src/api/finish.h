#pragma once

#include <cstdint>
#include <string_view>

#include "access_log.h"
#include "exchange.h"
#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "response_headers.h"

namespace offloader::api {

// How exchanges end: the outcome is counted and logged, and the response is sent. Immutable; any thread.
class Finish {
 public:
  Finish(telemetry::Log& log, const Clock& clock, const ApiOptions& options)
      : clock_(clock), log_(log, options.access_log), headers_(Cors(options.cors_origins)) {}

  [[nodiscard]] const RequestLog& log() const { return log_; }
  [[nodiscard]] const ResponseHeaders& headers() const { return headers_; }

  // Sends a 200 with `rows` rows, or a 304.
  void answered(Exchange& exchange, http::Response response, std::int64_t rows) const;

  // Sends the response to what is not an endpoint's: logged, and counted for none.
  void served(Exchange& exchange, http::Response response) const;

  // Sends the error envelope. `tell`: whether the log gets the cause, where the client does not.
  void refused(Exchange& exchange, const Error& error, bool tell = true) const;

  // The response to what the connection itself refuses.
  [[nodiscard]] http::Response connection_error(int status, std::string_view message) const;

 private:
  [[nodiscard]] http::Response error_frame(std::string_view request_id,
                                           const std::optional<std::string_view>& origin, int status,
                                           std::string_view family, std::string_view message) const;
  void count_and_log(const Exchange& exchange, int status, std::int64_t rows, std::size_t bytes) const;

  const Clock& clock_;
  RequestLog log_;
  ResponseHeaders headers_;
};

}  // namespace offloader::api
