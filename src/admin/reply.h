#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "offloader/base/clock.h"
#include "offloader/base/mutex.h"
#include "offloader/base/result.h"
#include "offloader/http/server.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::admin {

[[nodiscard]] http::Response json_response(int status, std::string body);

// What the log says of a request of the admin port. Every field has a fixed shape: no text of the caller.
struct Call {
  std::string request_id;
  std::string method;
  std::string_view route;  // a known path, `/datasets/{id}/…` for those of a dataset, else `_unknown`
  std::string dataset;     // an identifier; empty: none is named
  std::string client;
  bool probe = false;  // asked every few seconds by machines: its line is a debug line
};

// The one answer to one request of the admin port: adds x-request-id and writes the request's log line.
// Shared by whoever may answer; the first answer counts. Dropped without one, it answers 500. Any thread.
class Reply {
 public:
  Reply(http::Responder responder, Call call, telemetry::Log& log, const Clock& clock);
  ~Reply();
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;

  void send(http::Response response);

  // The error envelope with a family and status of its own, and `headers` (complete lines) beside.
  void refuse(int status, std::string_view family, std::string_view message, std::string_view headers = {});

  // The error envelope for `error`; its cause is logged where the caller is told none.
  void refuse(const Error& error);

  // The error envelope of a method that a route does not know.
  void refuse_method(std::string_view allow);

  // The log line of an action that came to an end: its name and what it came to, one of a few fixed words.
  void log_action(std::string_view action, std::string_view outcome) const;

  [[nodiscard]] const std::string& request_id() const { return call_.request_id; }

 private:
  http::Responder responder_;
  Call call_;
  telemetry::Log& log_;
  const Clock& clock_;
  SteadyTime begun_;
  Mutex answered_mutex_;
  bool answered_ OFFLOADER_GUARDED_BY(answered_mutex_) = false;
};

using ReplyPtr = std::shared_ptr<Reply>;

// Writes the log line of a request that `call` describes.
void log_request(telemetry::Log& log, const Call& call, int status, std::size_t bytes,
                 std::chrono::nanoseconds taken);

}  // namespace offloader::admin
