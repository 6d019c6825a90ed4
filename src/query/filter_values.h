#pragma once

#include <functional>
#include <optional>
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
// can be read as the column's type. `in_zone`: the column's days are those of a zone (tests_for()).
// Requires: `text` has passed the check of its param's type.
[[nodiscard]] bool add_value(Plan& plan, const catalog::Filter& filter, std::string_view text,
                             catalog::ParamType type, catalog::SizedType column, bool in_zone);

// The same for a filter that takes a list.
[[nodiscard]] bool add_list(Plan& plan, const catalog::Filter& filter, std::span<const std::string> texts,
                            catalog::ParamType type, catalog::SizedType column);

// Returns the type of what a filter compares, by Filter::column.
using TypeOf = std::function<catalog::SizedType(std::size_t column)>;

// The values of filters that compare with constants: computed once for each contract.
class ConstantValues {
 public:
  // `zoned`: the column whose days are those of a zone, if there is one.
  ConstantValues(std::span<const catalog::Filter> filters, const TypeOf& type_of,
                 std::optional<std::size_t> zoned = std::nullopt);

  // Requires: filter `index` has constants.
  void add(Plan& plan, std::size_t index) const;

 private:
  std::vector<Plan> of_filters_;  // the values and lists of each; empty for filters with params
};

}  // namespace offloader::query
