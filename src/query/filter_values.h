#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "filter_conditions.h"
#include "offloader/catalog/catalog.h"
#include "offloader/query/plan.h"
#include "typed_value.h"

// Adds the values of filters to a plan, aligned with the conditions of its shape. Pure.
namespace offloader::query {

// Adds the value of a filter that takes one. Sets `plan.never` if no row can match. Returns whether the text
// can be read as the column's type. Requires: `text` has passed the check of its param's type.
[[nodiscard]] bool add_value(Plan& plan, const catalog::Filter& filter, std::string_view text,
                             catalog::ParamType type, catalog::SizedType column);

// The same for a filter that takes a list.
[[nodiscard]] bool add_list(Plan& plan, const catalog::Filter& filter, std::span<const std::string> texts,
                            catalog::ParamType type, catalog::SizedType column);

// Returns the type of what a filter compares, by Filter::column.
using TypeOf = std::function<catalog::SizedType(std::size_t column)>;

// The values of filters that compare with constants: computed once for each contract.
class ConstantValues {
 public:
  ConstantValues(std::span<const catalog::Filter> filters, const TypeOf& type_of);

  // Requires: filter `index` has constants.
  void add(Plan& plan, std::size_t index) const;

 private:
  std::vector<Plan> of_filters_;  // the values and lists of each; empty for filters with params
};

}  // namespace offloader::query
