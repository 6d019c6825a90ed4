#pragma once

#include "drafts.h"
#include "select_block.h"

namespace offloader::catalog {

// Reads `column`, `agg` and what belongs to the aggregate into `select`, and the types into `draft`. If the
// dataset is unknown, `dataset` is null.
void read_measure(const Fields& fields, const DatasetDraft* dataset, Select& select, SelectDraft& draft);

}  // namespace offloader::catalog
