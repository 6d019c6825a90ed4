#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace offloader::engine {

// Where a data file has the column called `wanted`: by its exact name, else by its only match without regard
// to case (ASCII letters). `ambiguous` when the name stands there more than once.
struct ColumnMatch {
  std::optional<std::size_t> index;
  bool ambiguous = false;
};
[[nodiscard]] ColumnMatch match_column(std::span<const std::string> names, std::string_view wanted);

}  // namespace offloader::engine
