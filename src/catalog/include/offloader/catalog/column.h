#pragma once

#include <string>

#include "offloader/catalog/shared_list.h"
#include "offloader/catalog/sized_type.h"

namespace offloader::catalog {

// A column of a dataset's schema (project-files.md).
struct Column {
  std::string name;
  SizedType type = ColumnType::varchar;
  std::string from{};  // the column's name in data files; empty: `name`

  [[nodiscard]] const std::string& name_in_files() const { return from.empty() ? name : from; }
  friend bool operator==(const Column&, const Column&) = default;
};

// The columns of a dataset: one list, shared by everything that reads it.
using Schema = SharedList<Column>;

}  // namespace offloader::catalog
