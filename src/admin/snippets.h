#pragma once

#include <string>

#include "column_docs.h"

namespace offloader::admin {

// Returns {curl, typescript, python} and, for an endpoint that offers formats, those of
// add_format_snippets(). Each of the three runs as it is if the API port is at `api_url` and, unless `open`,
// a token is in $OFFLOADER_KEY. Its query string is valid for the contract. The three need no library: only
// curl, Node.js 18 or Python 3.
[[nodiscard]] Json snippets_of(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset, bool open,
                               const std::string& api_url);

}  // namespace offloader::admin
