#pragma once

#include "groups.h"

namespace offloader::index {

// Removes from `groups.order` the groups that are not among the first of those alike in `top.per`, and leaves
// the others in any order. Requires: all groups are found and listed.
void keep_top_groups(const query::TopRows& top, const Lookup& lookup, Groups& groups);

}  // namespace offloader::index
