#pragma once

#include "drafts.h"

namespace offloader::catalog {

// Warns of filters that every request of their endpoint applies, but whose column does not sort the rows of
// the dataset's local table: such a request reads rows that it then drops. Requires: `drafts` have the
// endpoints' names and the places of their filters.
void warn_of_unsorted_filters(const Catalog& catalog, const EndpointDrafts& drafts);

}  // namespace offloader::catalog
