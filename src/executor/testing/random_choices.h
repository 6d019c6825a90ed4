#pragma once

#include "offloader/executor/testing/random_project.h"

namespace offloader::executor::testing::model {

// Lets the caller choose some of grouping, order and totals, and adds a top to some endpoints. Requires: the
// endpoint's selects, grouping and order are set.
void add_choices(Endpoint& endpoint, const Table& table, Random& random);

// Adds values for what the endpoint lets the caller choose, mostly valid.
void choose(Query& query, const Endpoint& endpoint, Random& random);

}  // namespace offloader::executor::testing::model
