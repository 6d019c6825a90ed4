#pragma once

#include <string>

#include "column_docs.h"

// Paging by the param `cursor`, where an endpoint turns it on.
namespace offloader::admin {

// Returns the limits of a page, and whether there are cursors.
[[nodiscard]] Json pagination_docs(const catalog::Endpoint& endpoint);

// Returns what the param means.
[[nodiscard]] std::string cursor_description(const catalog::Endpoint& endpoint);

// Returns the JSON Schema of the param.
[[nodiscard]] Json cursor_schema();

// Adds what paging by cursor adds to `meta` to its JSON Schema.
void add_cursor_meta(Json& meta);

}  // namespace offloader::admin
