#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "offloader/audit/audit.h"
#include "offloader/base/clock.h"
#include "offloader/base/mutex.h"
#include "offloader/base/result.h"
#include "offloader/http/server.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::admin {

// Returns an uncacheable JSON response.
[[nodiscard]] http::Response json_response(int status, std::string body);

// What the log says about a request of the admin port. Every field has a fixed shape, so no text of the
// caller is logged.
struct Call {
  std::string request_id;
  std::string method;
  std::string_view route;  // a known pattern, e.g. `/datasets/{id}/refresh`, else `_unknown`
  std::string dataset;     // an identifier; empty if none is named
  std::string client;
  bool probe = false;  // polled by machines, so its log line is at debug level
};

// The one answer to one request of the admin port. Adds x-request-id and writes the log line of the request.
// Shared by everything that may answer; the first answer wins. If it is destroyed unanswered, it answers 500.
// Thread-safe.
class Reply {
 public:
  Reply(http::Responder responder, Call call, audit::Audit& audit, telemetry::Log& log, const Clock& clock);
  ~Reply();
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;

  // Sends the response, unless an answer has been sent already.
  void send(http::Response response);

  // Sends an error envelope with the given status and family. `headers` are additional complete header lines.
  void refuse(int status, std::string_view family, std::string_view message, std::string_view headers = {});

  // Sends the error envelope for `error`. An error of status 500 or above is also logged, with its message
  // and its detail. The caller sees a reason that follows from the code, because these texts can hold
  // internals.
  void refuse(const Error& error);

  // Sends 405 for a method that the route does not support.
  void refuse_method(std::string_view allow);

  // Reserves room for the audit record of an action. Returns false, and answers 503, if the action could not
  // be recorded although it must be. Requires: called before the action begins.
  [[nodiscard]] bool admit_action();

  // Logs that an action ended, and records it in the audit log. `action` is its name, and `outcome` one of a
  // few fixed words.
  void log_action(std::string_view action, std::string_view outcome) const;

  [[nodiscard]] const std::string& request_id() const { return call_.request_id; }

 private:
  http::Responder responder_;
  Call call_;
  audit::Audit& audit_;
  ByteHold audit_room_;
  telemetry::Log& log_;
  const Clock& clock_;
  SteadyTime begun_;
  Mutex answered_mutex_;
  bool answered_ OFFLOADER_GUARDED_BY(answered_mutex_) = false;
};

using ReplyPtr = std::shared_ptr<Reply>;

// Writes the log line of the request that `call` describes.
void log_request(telemetry::Log& log, const Call& call, int status, std::size_t bytes,
                 std::chrono::nanoseconds taken);

}  // namespace offloader::admin
