#pragma once

#include "column_docs.h"

// What the documents say of pages by cursor, where an endpoint turns them on.
namespace offloader::admin {

[[nodiscard]] bool pages_by_cursor(const catalog::Endpoint& endpoint);

// Returns the param `cursor` in the shape of declared params.
[[nodiscard]] Json cursor_param();

// What the param is for, and its JSON Schema.
[[nodiscard]] const char* cursor_description();
[[nodiscard]] Json cursor_schema();

// Adds what answers of pages by cursor have to the schema of `meta`.
void add_cursor(Json& meta);

// When the error cursor_expired occurs.
[[nodiscard]] const char* when_expired(const catalog::Endpoint& endpoint);

}  // namespace offloader::admin
