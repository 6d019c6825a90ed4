#include "table.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "terminal_text.h"

namespace offloader::cli {

void print_table(std::vector<std::vector<std::string>> rows, std::ostream& to) {
  for (auto& row : rows)
    for (std::string& cell : row) cell = escaped_cell(cell);
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += i + 1 == row.size() ? row[i] : fmt::format("{:<{}}  ", row[i], widths[i]);
    while (!line.empty() && line.back() == ' ') line.pop_back();
    to << line << "\n";
  }
}

}  // namespace offloader::cli
