#pragma once

#include <string>

#include "column_docs.h"

// The parts of the OpenAPI document about JSON bodies and about routes that are not one endpoint's.
namespace offloader::admin {

// Returns the request body of a POST to an endpoint: its params as one object.
[[nodiscard]] Json params_body(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset);

// Return the operations `POST /v1/batch` and `GET /v1`. `open`: no key is required.
[[nodiscard]] Json batch_operation(bool open);
[[nodiscard]] Json list_operation(bool open);

// Returns the schema of the error envelope.
[[nodiscard]] Json error_schema();

// Returns {"$ref"} of a component.
[[nodiscard]] Json ref(const std::string& kind, const std::string& name);

// Adds the headers that every answer to a limited caller has: to those of a response, and their descriptions
// to those of the document.
void add_limit_headers(Json& headers);
void add_limit_components(Json& headers);

// Returns the `security` of an operation.
[[nodiscard]] Json security_of(bool open);
// Returns the security scheme: how callers authenticate, by key, by JWT, or by either of them.
[[nodiscard]] Json bearer_scheme(const catalog::Catalog& catalog);

}  // namespace offloader::admin
