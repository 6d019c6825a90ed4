#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "offloader/admin/operations.h"
#include "offloader/base/clock.h"
#include "offloader/http/server.h"
#include "offloader/serving/publication.h"
#include "offloader/telemetry/telemetry.h"

// The admin port: what operators and their machines call (admin-api.md). It shares no handler with the API
// port, and no consumer route is here.
namespace offloader::admin {

struct AdminOptions {
  std::string token;            // empty: the token-gated routes fail closed
  bool ready_with_any = false;  // OFFLOADER_READINESS=any
  SystemTime started_at{};
};

// Handles requests on the admin port's thread: probes are answered there, everything that may take longer by
// a few threads of its own. Thread-safe. Must outlive the server.
class Admin {
 public:
  virtual ~Admin() = default;

  virtual void handle(const http::Request& request, http::Responder responder,
                      const std::shared_ptr<CancelFlag>& gone) = 0;

  [[nodiscard]] virtual http::Response error_response(int status, std::string_view message) = 0;

  // From now on /ready says draining, and 503. Any thread.
  virtual void drain() = 0;

  // What /ready answers just now. Any thread.
  [[nodiscard]] virtual bool ready() const = 0;

  // Where the API port listens, for the snippets of /docs and the server of /openapi.json; 4000 until then.
  // Any thread.
  virtual void set_api_port(std::uint16_t port) = 0;

  [[nodiscard]] static std::unique_ptr<Admin> make(const serving::Publication& publication,
                                                   Operations& operations, telemetry::Telemetry& telemetry,
                                                   const Clock& clock, AdminOptions options);
};

}  // namespace offloader::admin
