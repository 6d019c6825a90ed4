#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

// Errors as values. Module boundaries return Result<T>. Exceptions of libraries are caught once, in the
// adapter that calls the library.
namespace offloader {

// Classifies errors by what the receiver can do about them. The API ports map codes to HTTP in one exhaustive
// switch; refresh maps them to `rejected` or `failed`.
enum class ErrorCode {
  invalid_param,           // a request parameter is invalid: 422
  unauthorized,            // no acceptable key: 401
  rate_limited,            // the caller has reached a limit: 429
  not_found,               // does not exist, or not for this key: 404
  not_ready,               // not available yet, retry later: 503
  busy,                    // overloaded, retry in a second: 503
  no_memory,               // the memory for answers is used up, retry in a second: 503
  timeout,                 // the deadline passed: 504
  cancelled,               // the client disconnected
  bad_request,             // not valid HTTP: 400
  too_large,               // a limit of the contract was exceeded: 413
  method_not_allowed,      // 405
  not_acceptable,          // no format that the client accepts: 406
  unsupported_media_type,  // the body is of another content type: 415
  conflict,                // 409
  cursor_expired,          // a cursor of another contract or of a snapshot that is gone: 410
  invalid_config,          // the project has findings: 422 on the admin port
  rejected,                // snapshot data failed validation
  unavailable,             // a source cannot be reached
  changed,                 // an object changed at its source while it was read
  no_space,                // the disk is full
  corrupt,                 // one of our own files is damaged
  internal,                // everything else: 500
};

// One thing that is wrong with the params of a request. Like Error::message, every text of it may be shown to
// any caller.
struct Problem {
  std::string param;  // the name of the param; empty if the problem concerns none, or one that is not
                      // declared and not a plain identifier
  std::string message;
  std::vector<std::string> allowed{};  // what the contract allows: values, names or bounds such as `<= 100`
};

// `message` may be shown to any caller: it contains no value, token, path or SQL. `detail` is only for the
// log.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string detail;
  // Everything that is wrong with the params of a request, in the order in which it was found; null if it is
  // not known in detail. `message` is that of the first. Shared, so that an error without problems stays
  // small.
  std::shared_ptr<const std::vector<Problem>> problems{};
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message,
                                                std::string detail = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(detail), nullptr});
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

// Returns the code's stable name for logs, such as "invalid_param".
[[nodiscard]] const char* name_of(ErrorCode code);

}  // namespace offloader
