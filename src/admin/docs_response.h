#pragma once

#include <string>

#include "offloader/http/message.h"
#include "offloader/serving/generation.h"

namespace offloader::admin {

// Returns the endpoint catalog: a page if `html`, else JSON. `api_url` is the API port's, for snippets.
[[nodiscard]] http::Response docs_response(const serving::Generation& generation, const std::string& api_url,
                                           bool html);

}  // namespace offloader::admin
