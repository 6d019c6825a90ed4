#pragma once

#include <optional>
#include <string>
#include <vector>

#include "offloader/executor/testing/random_project.h"

namespace offloader::executor::testing::model {

// Returns a valid param with a random type, default, bounds and aliases.
[[nodiscard]] Param random_param(std::size_t number, Random& random);

// Appends to the endpoint one or two filters for its last param, if the table has a column that it can be
// compared with.
void add_param_filter(Endpoint& endpoint, const Table& table, Random& random);

// Returns a filter that compares with constants, or nullopt if a random column does not allow it.
[[nodiscard]] std::optional<Filter> random_constant_filter(const Table& table, Random& random);

// Returns constants that can be compared with values of the type.
[[nodiscard]] const std::vector<std::string>& constants_of(Type type, Random& random);

// Whether a param of this type can be compared with values of the type.
[[nodiscard]] bool comparable(const std::string& param, Type type);

// Makes some neighbouring filters alternatives of each other.
void join_filters(Endpoint& endpoint, Random& random);

// Returns a text for the param, mostly valid.
[[nodiscard]] std::string random_text(const Param& param, Random& random);

}  // namespace offloader::executor::testing::model
