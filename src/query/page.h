#pragma once

#include "offloader/catalog/catalog.h"
#include "offloader/query/plan.h"
#include "problems.h"
#include "sent_values.h"

namespace offloader::query {

// Reads the params that every endpoint has, `limit`, `offset` and `columns`, into the plan, and adds what is
// wrong with them to the problems. Pure.
void read_page(const catalog::Endpoint& endpoint, const SentValues& request, Plan& plan, Problems& problems);

}  // namespace offloader::query
