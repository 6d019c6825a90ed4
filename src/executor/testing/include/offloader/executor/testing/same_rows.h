#pragma once

#include <string>

#include "offloader/executor/testing/reference_model.h"

namespace offloader::executor::testing::model {

// Whether the served rows, as JSON, are the expected ones, byte for byte. Sums and means of DOUBLE may differ
// in their last digits, because the order of addition may.
[[nodiscard]] bool same_rows(const Table& table, const Endpoint& endpoint, const std::string& served,
                             const std::string& expected);

// The same for the grand total; both may be empty.
[[nodiscard]] bool same_totals(const Table& table, const Endpoint& endpoint, const std::string& served,
                               const std::string& expected);

}  // namespace offloader::executor::testing::model
