#pragma once

#include <string>

#include "column_docs.h"
#include "offloader/serving/generation.h"

namespace offloader::admin {

// OpenAPI 3.1 of the API port, generated from the serving contracts. `api_url` is its one server, without a
// slash at its end.
[[nodiscard]] Json openapi_json(const serving::Generation& generation,
                                const std::string& api_url = "http://localhost:4000");

}  // namespace offloader::admin
