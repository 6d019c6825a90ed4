#pragma once

#include "groups.h"
#include "offloader/base/result.h"

namespace offloader::index {

// Returns the number that an aggregate or an expression gives for a group, in the type of its result: `exact`
// with the result's scale, or `real` for a DOUBLE. Requires: the result is a number; an expression has been
// computed.
[[nodiscard]] GroupNumber number_of(Groups& groups, const query::Projection& projection, const Output& output,
                                    std::uint32_t group);

// Computes the expressions of all groups. Fails with `internal` if an exact one has more than 38 digits.
[[nodiscard]] Result<void> compute_expressions(const query::PlanShape& shape, Groups& groups);

}  // namespace offloader::index
