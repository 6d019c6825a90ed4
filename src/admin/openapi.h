#pragma once

#include <string>

#include "column_docs.h"
#include "offloader/serving/generation.h"

namespace offloader::admin {

// Returns the OpenAPI 3.1 document of the API port, generated from the contracts being served. `api_url` is
// its only server, without a trailing slash.
[[nodiscard]] Json openapi_json(const serving::Generation& generation,
                                const std::string& api_url = "http://localhost:4000");

}  // namespace offloader::admin
