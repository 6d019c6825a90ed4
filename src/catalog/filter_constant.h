#pragma once

#include <string>
#include <vector>

#include "fields.h"
#include "offloader/catalog/catalog.h"

namespace offloader::catalog {

// Reads the `value` or, for an operator that takes a list, the `values` of a filter into `filter`, whose `op`
// is set. Reports what cannot be read as a value of the column's type. Returns whether it is usable.
[[nodiscard]] bool read_constants(const Fields& fields, ColumnType column, Filter& filter);

}  // namespace offloader::catalog
