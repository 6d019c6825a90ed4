#pragma once

#include <string_view>

namespace offloader {

// Returns whether spreadsheets would run a cell of CSV as a formula. Put an apostrophe before such a text.
[[nodiscard]] inline bool runs_in_spreadsheets(std::string_view text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
}

}  // namespace offloader
