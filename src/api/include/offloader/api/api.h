#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/audit/audit.h"
#include "offloader/base/byte_budget.h"
#include "offloader/base/cidr.h"
#include "offloader/base/clock.h"
#include "offloader/base/seal.h"
#include "offloader/http/server.h"
#include "offloader/limits/limiter.h"
#include "offloader/serving/answers.h"
#include "offloader/serving/publication.h"
#include "offloader/telemetry/telemetry.h"
#include "offloader/usage/ledger.h"

// The API port, which serves consumers (consumer-api.md). It exposes no operator route, whatever key the
// caller has.
namespace offloader::api {

enum class AccessLog { on, errors, off };

struct ApiOptions {
  std::vector<std::string> cors_origins;  // empty: CORS is off; a single `*`: any origin
  AccessLog access_log = AccessLog::on;
  std::vector<Cidr> trusted_proxies;
  std::size_t compression_threads = 1;
  std::size_t batch_max = 20;                   // requests of a batch
  std::shared_ptr<ByteBudget> response_memory;  // counts compressed answers; null: unbounded
  // Seals cursors; the same on every replica. Null: one of this process.
  std::shared_ptr<const Seal> cursor_seal{};
  // Runs a task on an I/O thread of the server, or drops it if the server has stopped; null: at once, on the
  // calling thread. For exchanges that wait for the verification of a token.
  std::function<void(std::size_t io_thread, std::function<void()> task)> post{};
  // Records every request for data; must outlive the port. Null: none is recorded.
  audit::Audit* read_audit = nullptr;
  limits::Limiter* limiter = nullptr;  // null: nobody is limited
  usage::Ledger* ledger = nullptr;     // null: usage is not counted
  // Called when a query finds that the file of a snapshot (executor::Snapshot::id) is damaged. Called from
  // any thread; must not block.
  std::function<void(const std::string& dataset, std::uint64_t snapshot)> report_corrupt;
};

// Handles the requests of the API port. Thread-safe: all I/O threads call handle() on one object. Must
// outlive the server and the last callback of the executor.
class Api {
 public:
  virtual ~Api() = default;

  // Answers `request` through `responder`, now or later from another thread; every failure becomes an error
  // response. `gone` is raised when the client goes away. Must be called on an I/O thread; does not block.
  virtual void handle(const http::Request& request, http::Responder responder,
                      const std::shared_ptr<CancelFlag>& gone) = 0;

  // Returns whether handle() reads the body of the request (http::ServerOptions::reads_body).
  [[nodiscard]] virtual bool reads_body(const http::Request& request) const = 0;

  // Returns the response to a request that the connection itself refuses. The family follows from `status`:
  // not_ready (503), internal (other 5xx) or bad_request.
  [[nodiscard]] virtual http::Response error_response(int status, std::string_view message) = 0;

  // Builds the port. The references must outlive it. `io_threads` is the number of the server's I/O threads.
  [[nodiscard]] static std::unique_ptr<Api> make(serving::Publication& publication, serving::Answers& answers,
                                                 serving::ResponseCache& cache,
                                                 telemetry::Telemetry& telemetry, const Clock& clock,
                                                 std::size_t io_threads, ApiOptions options);
};

}  // namespace offloader::api
