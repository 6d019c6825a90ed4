#pragma once

#include <string>

#include "column_docs.h"
#include "offloader/catalog/catalog.h"

// The formats that an endpoint offers, as the documentation shows them. Pure.
namespace offloader::admin {

extern const char* const kFormatDescription;

// Returns the names of the endpoint's formats, JSON first.
[[nodiscard]] Json format_names(const catalog::Endpoint& endpoint);

// Returns the JSON Schema of the param `format`. Requires: the endpoint offers formats.
[[nodiscard]] Json format_schema(const catalog::Endpoint& endpoint);

// Adds `formats` and `export` to the documentation of an endpoint, if it has them.
void add_format_docs(Json& entry, const catalog::Endpoint& endpoint);

// Returns what the param `limit` means. With exports, that includes its bound for each kind of answer.
[[nodiscard]] std::string limit_description(const catalog::Endpoint& endpoint);

// Returns the JSON Schema of the param `limit`. Its maximum is the highest one that any format allows.
[[nodiscard]] Json limit_schema(const catalog::Endpoint& endpoint);

// Adds the other formats to an OpenAPI response that describes a page in JSON: media types, headers and, with
// exports, how they end. Does nothing for an endpoint of JSON alone.
void add_formats(Json& response, const catalog::Endpoint& endpoint);

// Adds the headers with what `meta` says, by their names in components, to those of an OpenAPI response.
void add_fact_headers(Json& headers);
// Adds the components that add_fact_headers() refers to.
void add_fact_components(Json& components);
// Adds the components of headers that add_formats() refers to.
void add_format_headers(Json& components, const catalog::Endpoint& endpoint);

}  // namespace offloader::admin
