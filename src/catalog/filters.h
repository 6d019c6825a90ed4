#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string_view>
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

// Reads the `where` of an aggregate into `filters`: filters that compare with constants.
void read_where(const Fields& select, const DatasetDraft* dataset, std::vector<Filter>& filters);

// Whether a param fits the operator and the type of what it is compared with. Reports at `param` if not.
[[nodiscard]] bool check_filter_param(const Fields& fields, ColumnType type, std::optional<std::size_t> op,
                                      const ParamDraft& draft);

// Returns the index of the param that `param` names, and adds it to `used`. Reports an unknown one.
[[nodiscard]] std::optional<std::size_t> read_param_name(const Fields& fields, const ParamDrafts& params,
                                                         std::set<std::size_t>& used);

// Returns the index in the schema of the column that `field` names, or nullopt. Reports an unknown column
// only if the whole schema is known.
[[nodiscard]] std::optional<std::size_t> read_schema_column(const Fields& fields, const DatasetDraft* dataset,
                                                            std::string_view field = "column");

}  // namespace offloader::catalog
