#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

#include "offloader/settings/settings.h"

// The table in docs/reference/settings.md must list exactly the variables of the program, each with its
// default and meaning.
namespace offloader::settings {
namespace {

struct Row {
  std::string default_text;
  std::string meaning;
};

std::string unquoted(std::string text) {
  if (text.size() > 1 && text.front() == '`' && text.back() == '`') return text.substr(1, text.size() - 2);
  return text;
}

std::map<std::string, Row> documented() {
  std::map<std::string, Row> rows;
  std::ifstream in(std::string(OFFLOADER_SOURCE_DIR) + "/docs/reference/settings.md");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("| `")) continue;
    std::vector<std::string> cells;
    for (std::size_t at = 2; at < line.size();) {
      const auto end = std::min(line.find(" | ", at), line.rfind(" |"));
      cells.push_back(line.substr(at, end - at));
      at = end + 3;
    }
    EXPECT_EQ(cells.size(), 3U) << line;
    if (cells.size() == 3) rows[unquoted(cells[0])] = {unquoted(cells[1]), cells[2]};
  }
  return rows;
}

TEST(SettingsDocument, Table_ComparedWithReference_ListsTheSameVariables) {
  std::map<std::string, Row> rows = documented();
  for (const Variable& variable : reference()) {
    const auto row = rows.find(variable.name);
    if (row == rows.end()) {
      ADD_FAILURE() << variable.name << " is not in docs/reference/settings.md";
      continue;
    }
    EXPECT_EQ(row->second.default_text, variable.default_text) << variable.name;
    EXPECT_EQ(row->second.meaning, variable.meaning) << variable.name;
    rows.erase(row);
  }
  for (const auto& [name, row] : rows) ADD_FAILURE() << name << " is documented and not a setting";
}

}  // namespace
}  // namespace offloader::settings
