#pragma once

#include <set>

#include "params.h"
#include "select_block.h"

namespace offloader::catalog {

// Reads `query.having` into the endpoint, and adds the params that it uses to `used`.
void read_having(const Fields& query, const Selects& selects, const ParamDrafts& params, Endpoint& endpoint,
                 std::set<std::size_t>& used);

}  // namespace offloader::catalog
