#pragma once

#include "choice.h"
#include "offloader/catalog/catalog.h"
#include "offloader/query/compiler.h"
#include "offloader/query/plan.h"
#include "problems.h"
#include "select_names.h"
#include "sent_values.h"

namespace offloader::query {

// Reads the params that every endpoint has, `limit`, `offset` and `columns`, into the plan, and adds what is
// wrong with them to the problems. `choice` says which columns the answer has, `most` how many rows it may
// have. Pure.
void read_page(const catalog::Endpoint& endpoint, const SelectNames& names, const SentValues& request,
               const Choice& choice, std::int64_t most, Plan& plan, Problems& problems);

// Checks the param `format`. Pure.
void check_format(const catalog::Endpoint& endpoint, const SentValues& request, Problems& problems);

// Checks the param `cursor`, of which `opened` is null if it cannot be opened, and that no `offset` is beside
// it. Pure.
void check_cursor(const SentValues& request, const Cursor* opened, Problems& problems);

}  // namespace offloader::query
