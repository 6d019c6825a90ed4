#pragma once

#include <string>

#include "column_docs.h"

namespace offloader::admin {

// {curl, typescript, python}: each runs when pasted where the API port is at `api_url`, with a token in
// $OFFLOADER_KEY unless `open`. The query string is valid for the contract. No library is needed: curl,
// Node.js 18 and Python 3.
[[nodiscard]] Json snippets_of(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset, bool open,
                               const std::string& api_url);

}  // namespace offloader::admin
