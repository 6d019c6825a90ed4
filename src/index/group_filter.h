#pragma once

#include "groups.h"

namespace offloader::index {

// Computes the expressions, and fills `groups.order` with the groups of the answer: those that meet `having`
// and that `top` leaves, in the order of the top or as they were found. Requires: the groups are complete.
// Errors: `internal` if a number has too many digits.
[[nodiscard]] Result<void> list_groups(const query::Plan& plan, const Lookup& lookup, Groups& groups);

}  // namespace offloader::index
