#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

// Errors as values. Every module boundary returns Result<T>; exceptions of libraries are caught once, in the
// adapter that calls the library.
namespace offloader {

// What went wrong, in terms of what the receiver can do about it. The API ports map it to HTTP by one
// exhaustive switch; refresh maps it to `rejected` or `failed`.
enum class ErrorCode {
  invalid_param,       // the caller's param is wrong: 422
  unauthorized,        // no acceptable key: 401
  not_found,           // no such thing, or not for this key: 404
  not_ready,           // not there yet, come back: 503
  busy,                // shed, come back in a second: 503
  no_memory,           // the memory for answers is used up, come back in a second: 503
  timeout,             // ran past its deadline: 504
  cancelled,           // the one who asked has gone
  bad_request,         // not HTTP: 400
  too_large,           // a bound of the contract was passed: 413
  method_not_allowed,  // 405
  conflict,            // 409
  invalid_config,      // the project has findings: 422 on the admin port
  rejected,            // snapshot data was refused
  unavailable,         // a source cannot be reached
  changed,             // a source's object changed while it was read
  no_space,            // the disk is full
  corrupt,             // a file of ours is damaged
  internal,            // everything else: 500
};

// `message` is safe for any caller: no value, token, path or SQL. `detail` is for the log alone.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string detail;
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message,
                                                std::string detail = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(detail)});
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

// The code's stable name, for logs ("invalid_param").
[[nodiscard]] const char* name_of(ErrorCode code);

}  // namespace offloader
