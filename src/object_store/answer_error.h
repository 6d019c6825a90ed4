#pragma once

#include <string>

#include "offloader/base/result.h"
#include "offloader/transport/retry.h"
#include "offloader/transport/transport.h"

namespace offloader::object_store {

// Returns the error for an unsuccessful answer: unauthorized for 401 and 403, not_found for 404 and 410,
// changed for 412, else unavailable. Of the body, only the store's error code (`AccessDenied`) is kept,
// because the rest may quote the request.
[[nodiscard]] tl::unexpected<Error> answer_error(const transport::HttpResponse& answer,
                                                 const transport::Conversation& with);

// Returns the <Code> of an XML error body if it consists of at most 64 letters, else empty.
[[nodiscard]] std::string error_code_of(const std::string& body);

// Returns the body of an answer to a request for a whole object. Errors: those of `answer`, answer_error()
// unless the status is 200, and rejected if the Content-Encoding does not fit the object's name.
[[nodiscard]] Result<std::string> whole_body(Result<transport::HttpResponse> answer,
                                             const transport::Conversation& with);

}  // namespace offloader::object_store
