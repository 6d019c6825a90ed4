#pragma once

#include <optional>
#include <string>
#include <vector>

#include "offloader/executor/testing/reference_model.h"
#include "reference_filters.h"

namespace offloader::executor::testing::model {

// One value of an answer. A cell has 64 bits, so a 128-bit sum is kept in `wide`.
struct Result {
  Cell cell;
  std::optional<Int128> wide{};
};

// The type of a select's results.
[[nodiscard]] Column result_column(const Table& table, const Endpoint& endpoint, const Select& select);

// Whether the results depend on the order in which doubles are added, and so may differ in the last digits.
[[nodiscard]] bool is_approximate(const Table& table, const Endpoint& endpoint, const Select& select);

// Whether rows may be ordered by a select. Sums of doubles that are equal here may differ in their last
// digits when they are served, and the other way round, so that rows would change places.
[[nodiscard]] bool orders_exactly(const Table& table, const Endpoint& endpoint, const Select& select);

// Returns the value of a select for the rows of a group. Requires: it is an aggregate.
[[nodiscard]] Result aggregate(const Select& select, const Table& table, const std::vector<const Row*>& rows,
                               const DaysOf& days);

// Returns the value of a select that is an expression, from the other values of its line.
[[nodiscard]] Result compute(const Select& select, const Table& table, const Endpoint& endpoint,
                             const std::vector<Result>& line);

// Compares two results of one select. Requires: neither is null.
[[nodiscard]] int compare(const Result& a, const Result& b);
[[nodiscard]] bool is_null(const Result& result);

// Returns the result as a cell of its result_column().
[[nodiscard]] Cell cell_of(const Result& result);

}  // namespace offloader::executor::testing::model
