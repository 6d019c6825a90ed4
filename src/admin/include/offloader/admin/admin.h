#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "offloader/admin/operations.h"
#include "offloader/audit/audit.h"
#include "offloader/base/clock.h"
#include "offloader/http/server.h"
#include "offloader/serving/publication.h"
#include "offloader/telemetry/telemetry.h"

// The admin port, which serves operators and their tools (admin-api.md). It shares no handler with the API
// port and exposes no consumer route.
namespace offloader::admin {

struct AdminOptions {
  std::string token;            // empty: the token-gated routes are disabled
  bool ready_with_any = false;  // OFFLOADER_READINESS=any
  SystemTime started_at{};
  bool api_tls = false;  // the API port speaks TLS, for the URLs of /docs and /openapi.json
};

// Handles the requests of the admin port. Probes (/live, /ready, /status) are answered on the thread that
// calls handle(); everything that may take longer runs on a few worker threads. Thread-safe. Must outlive the
// server.
class Admin {
 public:
  virtual ~Admin() = default;

  // Answers `request` through `responder`, now or later from a worker thread; every failure becomes an error
  // response. Does not block. `gone` is ignored.
  virtual void handle(const http::Request& request, http::Responder responder,
                      const std::shared_ptr<CancelFlag>& gone) = 0;

  // Returns, and logs, the response to a request that the connection itself refuses. Any thread.
  [[nodiscard]] virtual http::Response error_response(int status, std::string_view message) = 0;

  // Makes /ready answer 503 and "draining" from now on. Any thread.
  virtual void drain() = 0;

  // Returns what /ready answers at this moment. Any thread.
  [[nodiscard]] virtual bool ready() const = 0;

  // Sets the port of the API, for the snippets of /docs and the server in /openapi.json; 4000 until then. Any
  // thread.
  virtual void set_api_port(std::uint16_t port) = 0;

  // Builds the port. The references must outlive it.
  [[nodiscard]] static std::unique_ptr<Admin> make(const serving::Publication& publication,
                                                   Operations& operations, telemetry::Telemetry& telemetry,
                                                   audit::Audit& audit, const Clock& clock,
                                                   AdminOptions options);
};

}  // namespace offloader::admin
