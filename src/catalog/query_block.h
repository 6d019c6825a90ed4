#pragma once

#include <vector>

#include "drafts.h"
#include "params.h"

namespace offloader::catalog {

// Reads the `query`, `columns`, `sortable` and `totals` of an endpoint into `draft`. If the dataset is
// unknown, `dataset` is null and the checks that need its columns are skipped.
void read_query(const Fields& fields, const DatasetDraft* dataset, const ParamDrafts& params,
                EndpointDraft& draft);

}  // namespace offloader::catalog
