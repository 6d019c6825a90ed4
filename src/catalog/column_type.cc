#include "offloader/catalog/column_type.h"

#include <vector>

namespace offloader::catalog {

std::optional<ColumnType> column_type_numbered(std::uint64_t number) {
  for (const ColumnTypeRow& row : kColumnTypes) {
    if (row.number == number) return row.type;
  }
  return std::nullopt;
}

std::string names_of(TypeSet types, std::string_view before_last) {
  std::vector<std::string_view> names;
  for (const ColumnTypeRow& row : kColumnTypes) {
    if (types.contains(row.type)) names.push_back(row.name);
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? before_last : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace offloader::catalog
