#pragma once

#include "offloader/executor/testing/random_project.h"

namespace offloader::executor::testing::model {

// Gives some endpoints a time bucket, over a column that has times or dates, and the params that choose its
// grain and zone. Requires: the endpoint has its selects and its grouping, and no filters.
void add_bucket(Endpoint& endpoint, const Table& table, bool aggregated, Random& random);

// Adds filters that bound the bucketed column to some endpoints that have a bucket.
void bound_bucket(Endpoint& endpoint, Random& random);

}  // namespace offloader::executor::testing::model
