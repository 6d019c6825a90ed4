#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "offloader/catalog/filter_op.h"
#include "offloader/catalog/param_type.h"

namespace offloader::catalog {

struct Filter {
  std::size_t column = 0;  // index into the dataset's schema
  FilterOp op = FilterOp::eq;
  std::size_t param = 0;                        // index into the endpoint's params; not used with constants
  std::vector<std::string> constants{};         // what to compare with instead of a param; several for a list
  ParamType constant_type = ParamType::string;  // how the constants are read
  bool include_nulls = false;
  // Filters with the same number other than 0 are the alternatives of one `any`; they follow each other.
  std::size_t any = 0;

  [[nodiscard]] bool has_param() const { return constants.empty(); }
  friend bool operator==(const Filter&, const Filter&) = default;
};

}  // namespace offloader::catalog
