#pragma once

#include "offloader/executor/testing/random_project.h"

namespace offloader::executor::testing::model {

// Appends one to five aggregates with random details, and sometimes expressions of them.
void add_measures(Endpoint& endpoint, const Table& table, Random& random);

// Appends conditions on groups, some of which compare with params.
void add_group_filters(Endpoint& endpoint, const Table& table, Random& random);

}  // namespace offloader::executor::testing::model
