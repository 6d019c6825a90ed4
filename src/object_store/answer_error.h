#pragma once

#include <string>

#include "offloader/base/result.h"
#include "offloader/transport/retry.h"
#include "offloader/transport/transport.h"

namespace offloader::object_store {

// The error that an answer which is no success stands for: 401 and 403 unauthorized, 404 and 410 not_found,
// 412 changed, else unavailable. Of the body only the store's error code (`AccessDenied`) is kept: the rest
// may quote what was sent.
[[nodiscard]] tl::unexpected<Error> answer_error(const transport::HttpResponse& answer,
                                                 const transport::Conversation& with);

// The <Code> of an XML error body when it is one word; else empty.
[[nodiscard]] std::string error_code_of(const std::string& body);

// The body of the answer to a request for a whole object. Errors: those of `answer`, answer_error() unless it
// is 200, and `rejected` for a body that is not what the object's name says.
[[nodiscard]] Result<std::string> whole_body(Result<transport::HttpResponse> answer,
                                             const transport::Conversation& with);

}  // namespace offloader::object_store
