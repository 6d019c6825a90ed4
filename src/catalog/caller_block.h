#pragma once

#include "select_block.h"

// The fields of an endpoint that turn on params of the caller.
namespace offloader::catalog {

// Reads `sortable` into the endpoint.
void read_sortable(const Fields& fields, const Selects& selects, Endpoint& endpoint);

// Reads `totals` into the endpoint.
void read_totals(const Fields& fields, const Selects& selects, Endpoint& endpoint);

// Reads `pagination.cursor`.
[[nodiscard]] CursorPaging read_cursor_paging(const Value& value);

}  // namespace offloader::catalog
