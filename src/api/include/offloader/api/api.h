#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/byte_budget.h"
#include "offloader/base/cidr.h"
#include "offloader/base/clock.h"
#include "offloader/http/server.h"
#include "offloader/serving/answers.h"
#include "offloader/serving/publication.h"
#include "offloader/telemetry/telemetry.h"

// The API port: what consumers call (consumer-api.md). Nothing of the operators' surface is here, whatever
// the key.
namespace offloader::api {

enum class AccessLog { on, errors, off };

struct ApiOptions {
  std::vector<std::string> cors_origins;  // empty: no CORS; a single `*`: any origin
  AccessLog access_log = AccessLog::on;
  std::vector<Cidr> trusted_proxies;
  std::size_t compression_threads = 1;
  std::shared_ptr<ByteBudget> response_memory;  // what is compressed is counted in; null: unbounded
  // Told when a query found the file behind a snapshot (executor::Snapshot::id) damaged. From any thread;
  // must not block.
  std::function<void(const std::string& dataset, std::uint64_t snapshot)> report_corrupt;
};

// Handles requests. Thread-safe: one object for all I/O threads, which call handle(). Must outlive the server
// and the executor's last callback.
class Api {
 public:
  virtual ~Api() = default;

  virtual void handle(const http::Request& request, http::Responder responder,
                      const std::shared_ptr<CancelFlag>& gone) = 0;

  // For what the connection itself refuses; families bad_request, not_ready, internal.
  [[nodiscard]] virtual http::Response error_response(int status, std::string_view message) = 0;

  [[nodiscard]] static std::unique_ptr<Api> make(serving::Publication& publication, serving::Answers& answers,
                                                 serving::ResponseCache& cache,
                                                 telemetry::Telemetry& telemetry, const Clock& clock,
                                                 std::size_t io_threads, ApiOptions options);
};

}  // namespace offloader::api
