#pragma once

#include <string_view>
#include <vector>

#include "select_block.h"

namespace offloader::catalog {

// Which selects a list may name.
enum class Names {
  plain,     // unaggregated ones
  sortable,  // all but JSON ones
};

// Reads a list of `as` names as indices of selects, without repetitions. `list` is the list as a message
// names it, such as "`sortable`". Reports names that are not selected, that `allowed` excludes, and that are
// named twice.
[[nodiscard]] std::vector<std::size_t> read_names(const std::vector<Value>& items, const Selects& selects,
                                                  Names allowed, std::string_view list);

// Whether the select is a JSON column, by which nothing can be sorted.
[[nodiscard]] bool is_document(const SelectDraft& select);

}  // namespace offloader::catalog
