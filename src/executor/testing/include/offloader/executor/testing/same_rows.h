#pragma once

#include <string>

#include "offloader/executor/testing/reference_model.h"

namespace offloader::executor::testing::model {

// Whether the rows that were served, as JSON, are those that the evaluator expects: to the byte, but for sums
// and means of DOUBLE, which may differ in their last digits because the order of addition does.
[[nodiscard]] bool same_rows(const Table& table, const Endpoint& endpoint, const std::string& served,
                             const std::string& expected);

}  // namespace offloader::executor::testing::model
