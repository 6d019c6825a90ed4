#pragma once

#include <string>

#include "offloader/catalog/column_type.h"

namespace offloader::catalog {

// A column of a dataset's schema (project-files.md).
struct Column {
  std::string name;
  ColumnType type = ColumnType::varchar;
  std::string from{};  // the column's name in data files; empty: `name`

  [[nodiscard]] const std::string& name_in_files() const { return from.empty() ? name : from; }
  friend bool operator==(const Column&, const Column&) = default;
};

}  // namespace offloader::catalog
