#pragma once

#include "offloader/executor/testing/random_project.h"

namespace offloader::executor::testing::model {

// Returns a valid param with a random type, default, bounds and aliases.
[[nodiscard]] Param random_param(std::size_t number, Random& random);

// Appends to the endpoint one or two filters for its last param, if the table has a column that it can be
// compared with.
void add_param_filter(Endpoint& endpoint, const Table& table, Random& random);

// Appends a filter that compares with constants, if one of a few random columns allows it.
void add_constant_filter(Endpoint& endpoint, const Table& table, Random& random);

// Makes some neighbouring filters alternatives of each other.
void join_filters(Endpoint& endpoint, Random& random);

// Returns a text for the param, mostly valid.
[[nodiscard]] std::string random_text(const Param& param, Random& random);

}  // namespace offloader::executor::testing::model
