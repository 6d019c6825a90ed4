#pragma once

#include <vector>

#include "drafts.h"
#include "params.h"

namespace offloader::catalog {

// The `query` of an endpoint and its `columns`, into `endpoint`. `dataset` is null when it is not known: then
// what needs columns is not checked.
void read_query(const Fields& fields, const DatasetDraft* dataset, const ParamDrafts& params,
                Endpoint& endpoint);

}  // namespace offloader::catalog
