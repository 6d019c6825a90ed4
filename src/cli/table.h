#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace offloader::cli {

// Prints rows in columns that are as wide as their widest cell. Requires: at least one row, and all rows have
// the same number of cells. Control characters in cells are escaped.
void print_table(std::vector<std::vector<std::string>> rows, std::ostream& to);

}  // namespace offloader::cli
