#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <vector>

#include "drafts.h"
#include "params.h"

namespace offloader::catalog {

// Reads `query.filters` into `filters`, in order, and adds the params that they use to `used`, as positions
// in `params`. If the dataset is unknown, `dataset` is null and the checks that need its columns are skipped.
// Returns the place of each filter's `column`.
[[nodiscard]] std::vector<Value> read_filters(const Fields& query, const DatasetDraft* dataset,
                                              const ParamDrafts& params, std::vector<Filter>& filters,
                                              std::set<std::size_t>& used);

// Returns the index in the schema of the column that `column` names, or nullopt. Reports an unknown column
// only if the whole schema is known.
[[nodiscard]] std::optional<std::size_t> read_schema_column(const Fields& fields,
                                                            const DatasetDraft* dataset);

}  // namespace offloader::catalog
