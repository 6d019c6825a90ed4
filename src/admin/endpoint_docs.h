#pragma once

#include <string>

#include "column_docs.h"
#include "offloader/serving/generation.h"

namespace offloader::admin {

// Returns `/docs` as JSON: the endpoint catalog for people and their tools. `api_url` is the base URL in the
// snippets, without a trailing slash.
[[nodiscard]] Json docs_json(const serving::Generation& generation, const std::string& api_url);

// Returns `/schema`: the compact list for machines.
[[nodiscard]] Json schema_json(const serving::Generation& generation);

// Returns an example of a complete answer of the endpoint, derived from the types alone.
[[nodiscard]] Json example_answer(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset);

}  // namespace offloader::admin
