#pragma once

#include "groups.h"
#include "offloader/base/cancel.h"

namespace offloader::index {

// Finds and adds up the groups of all rows that count, in any order: by a table of all possible keys where
// they are few, else by hashing. `too_many` past `most` groups.
[[nodiscard]] Found scan_groups(Groups& groups, const Lookup& lookup, const CancelFlag* cancel,
                                std::size_t most);

}  // namespace offloader::index
