#pragma once

#include "select_block.h"

namespace offloader::catalog {

// Reads `query.group_by` into the endpoint.
void read_group_by(const Fields& query, const Selects& selects, Endpoint& endpoint);

}  // namespace offloader::catalog
