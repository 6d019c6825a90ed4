#include "reply.h"

#include <span>
#include <utility>

#include "offloader/serving/envelope.h"

namespace offloader::admin {
namespace {

// Returns the message that the caller may see. Messages of lower modules can name files or quote a library;
// the log has them.
std::string_view public_message(const Error& error, int status) {
  switch (error.code) {
    case ErrorCode::no_space:
      return "the disk is full: free some space where OFFLOADER_CACHE_DIR is, or put it on a larger disk";
    case ErrorCode::unavailable:
      return "a file or a source cannot be read or written: check OFFLOADER_CACHE_DIR, its rights and its "
             "disk; "
             "the log has the cause under the request id";
    case ErrorCode::corrupt:
      return "a file is damaged; the log has the cause under the request id";
    case ErrorCode::changed:
      return "a file changed while it was read; try again";
    default:
      return status == 500 ? std::string_view("internal error; the log has the cause under the request id")
                           : std::string_view(error.message);
  }
}

}  // namespace

http::Response json_response(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.append(
      "content-type: application/json\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n");
  response.body.append(std::move(body));
  return response;
}

void log_request(telemetry::Log& log, const Call& call, int status, std::size_t bytes,
                 std::chrono::nanoseconds taken) {
  const telemetry::Level level = call.probe ? telemetry::Level::debug : telemetry::Level::info;
  if (!log.enabled(level)) return;
  log.write(level, "admin request",
            {{"request_id", std::string_view(call.request_id)},
             {"method", std::string_view(call.method)},
             {"route", call.route},
             {"dataset", std::string_view(call.dataset)},
             {"status", status},
             {"duration_ms", std::chrono::duration<double, std::milli>(taken).count()},
             {"bytes", bytes},
             {"client", std::string_view(call.client)}});
}

Reply::Reply(http::Responder responder, Call call, audit::Audit& audit, telemetry::Log& log,
             const Clock& clock)
    : responder_(std::move(responder)),
      call_(std::move(call)),
      audit_(audit),
      log_(log),
      clock_(clock),
      begun_(clock.steady_now()) {}

Reply::~Reply() {
  if (answered_) return;
  try {
    refuse({ErrorCode::internal, "internal error", "the request was dropped without an answer"});
  } catch (...) {
    return;  // out of memory: the responder answers 500 when it is destroyed
  }
}

void Reply::send(http::Response response) {
  {
    const MutexLock lock(answered_mutex_);
    if (std::exchange(answered_, true)) return;
  }
  http::append_header(response.headers, "x-request-id", call_.request_id);
  log_request(log_, call_, response.status, response.body.size(), clock_.steady_now() - begun_);
  std::move(responder_).send(std::move(response));
}

void Reply::refuse(int status, std::string_view family, std::string_view message, std::string_view headers) {
  http::Response response = json_response(status, serving::error_body(family, message, call_.request_id));
  response.headers.append(headers);
  send(std::move(response));
}

void Reply::refuse(const Error& error) {
  const serving::PublicError shown = serving::to_public(error.code);
  if (shown.status >= 500) {
    log_.error("admin request failed", {{"request_id", std::string_view(call_.request_id)},
                                        {"code", name_of(error.code)},
                                        {"error", std::string_view(error.message)},
                                        {"detail", std::string_view(error.detail)}});
  }
  std::string headers;
  if (shown.retry_after) http::append_header(headers, "retry-after", std::to_string(*shown.retry_after));
  const std::string_view message = public_message(error, shown.status);
  const bool told = error.problems != nullptr && message == error.message;
  http::Response response = json_response(
      shown.status,
      serving::error_body(shown.family, message, call_.request_id,
                          told ? std::span<const Problem>(*error.problems) : std::span<const Problem>()));
  response.headers.append(headers);
  send(std::move(response));
}

void Reply::refuse_method(std::string_view allow) {
  std::string headers;
  http::append_header(headers, "allow", allow);
  refuse(405, "method_not_allowed", "method not allowed", headers);
}

bool Reply::admit_action() {
  auto room = audit_.admit();
  if (!room) {
    refuse(room.error());
    return false;
  }
  audit_room_ = std::move(*room);
  return true;
}

void Reply::log_action(std::string_view action, std::string_view outcome) const {
  log_.info("admin action", {{"request_id", std::string_view(call_.request_id)},
                             {"action", action},
                             {"dataset", std::string_view(call_.dataset)},
                             {"outcome", outcome},
                             {"client", std::string_view(call_.client)}});
  audit_.record(audit::Record(clock_.now(), "action")
                    .text("action", action)
                    .text_or_null("dataset", call_.dataset)
                    .text("by", "token")
                    .text("client", call_.client)
                    .text("request_id", call_.request_id)
                    .text("outcome", outcome),
                audit_room_);
}

}  // namespace offloader::admin
