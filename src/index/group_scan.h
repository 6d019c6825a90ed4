#pragma once

#include "groups.h"
#include "offloader/base/cancel.h"

namespace offloader::index {

// Groups and aggregates all selected rows, in no particular order. Uses a table of all possible keys if there
// are few, else a hash table. Returns `too_many` beyond `most` groups.
[[nodiscard]] Found scan_groups(Groups& groups, const Lookup& lookup, const CancelFlag* cancel,
                                std::size_t most);

}  // namespace offloader::index
