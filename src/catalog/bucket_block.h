#pragma once

#include <set>

#include "drafts.h"
#include "params.h"

namespace offloader::catalog {

// Reads the `bucket` of a select, which is present, into `bucket`, and adds the params that choose its grain
// and zone to `used`. `type` is that of the column, if it is known. Reports `invalid_bucket`.
void read_bucket(const Fields& select, std::optional<SizedType> type, const ParamDrafts& params,
                 std::set<std::size_t>& used, std::optional<Bucket>& bucket);

}  // namespace offloader::catalog
