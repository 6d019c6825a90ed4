#pragma once

#include "select_block.h"

namespace offloader::catalog {

// Reads `query.top` into the endpoint. Requires: `query.group_by` has been read.
void read_top(const Fields& query, const Selects& selects, Endpoint& endpoint);

}  // namespace offloader::catalog
