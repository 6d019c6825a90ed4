#pragma once

#include <set>
#include <vector>

#include "fields.h"
#include "offloader/catalog/catalog.h"

namespace offloader::catalog {

// The `params` of an endpoint; one that is broken but has a name still stands in the list, so that filters
// and combinations can name it. Its type is nothing when it cannot be told.
struct ParamDraft {
  Param param;
  bool type_known = false;
  Value at;  // its item
};

[[nodiscard]] std::vector<ParamDraft> read_params(const Fields& endpoint);
[[nodiscard]] std::vector<std::vector<std::size_t>> read_combinations(const Fields& endpoint,
                                                                      const std::vector<ParamDraft>& params);
[[nodiscard]] std::optional<std::size_t> find_param(const std::vector<ParamDraft>& params,
                                                    std::string_view name);
[[nodiscard]] std::string hint_for_param(const std::vector<ParamDraft>& params, std::string_view name);

}  // namespace offloader::catalog
