#pragma once

#include <map>
#include <string>
#include <vector>

#include "fields.h"
#include "offloader/catalog/catalog.h"

namespace offloader::catalog {

struct ParamDraft {
  Param param;
  bool type_known = false;
  Value at;  // the param's list item
};

// The `params` of an endpoint. A broken param that has a name is included, so that filters and combinations
// can refer to it.
class ParamDrafts {
 public:
  // Returns false if the name is already taken.
  [[nodiscard]] bool add(ParamDraft draft);
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  [[nodiscard]] std::string hint_for(std::string_view name) const;
  [[nodiscard]] const std::vector<ParamDraft>& list() const { return list_; }

 private:
  std::vector<ParamDraft> list_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

[[nodiscard]] ParamDrafts read_params(const Fields& endpoint);
[[nodiscard]] std::vector<std::vector<std::size_t>> read_combinations(const Fields& endpoint,
                                                                      const ParamDrafts& params);

}  // namespace offloader::catalog
