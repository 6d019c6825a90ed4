#pragma once

#include <string>

#include "column_docs.h"
#include "offloader/serving/generation.h"

namespace offloader::admin {

// `/docs` as JSON: the endpoint catalog for people and their tools. `api_url` is where the snippets call,
// without a slash at its end.
[[nodiscard]] Json docs_json(const serving::Generation& generation, const std::string& api_url);

// `/schema`: the compact list for machines.
[[nodiscard]] Json schema_json(const serving::Generation& generation);

// An example of a whole answer of the endpoint.
[[nodiscard]] Json example_answer(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset);

}  // namespace offloader::admin
