#pragma once

#include <string>

#include "column_docs.h"

namespace offloader::admin {

// Adds the snippets for the formats other than JSON: of pandas, polars, duckdb and browser those that the
// formats of the endpoint allow. If the endpoint has exports, they ask for all rows of one. `url` is that of
// the example request, with its query string. pandas, polars and duckdb run as they are, with the key in
// $OFFLOADER_KEY unless `open`; browser is HTML if `open`, otherwise a JavaScript function of the key. No key
// is ever part of a URL.
void add_format_snippets(Json& snippets, const catalog::Endpoint& endpoint, bool open,
                         const std::string& url);

}  // namespace offloader::admin
