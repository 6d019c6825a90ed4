#pragma once

#include <string>

#include "offloader/base/result.h"

namespace offloader::api {

// Returns the error of a request with a query string beside its body: `message` first, then what is wrong
// with the body too (null: nothing), because a 422 tells all problems at once (consumer-api.md, "Errors").
[[nodiscard]] Error query_beside(std::string message, const Error* of_body);

}  // namespace offloader::api
