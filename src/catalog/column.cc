#include "offloader/catalog/column.h"

namespace offloader::catalog {

std::string_view name_of(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return "BOOLEAN";
    case ColumnType::integer:
      return "INTEGER";
    case ColumnType::bigint:
      return "BIGINT";
    case ColumnType::float64:
      return "DOUBLE";
    case ColumnType::date:
      return "DATE";
    case ColumnType::timestamp:
      return "TIMESTAMP";
    case ColumnType::varchar:
      return "VARCHAR";
    case ColumnType::json:
      return "JSON";
  }
  return "";
}

std::optional<ColumnType> parse_column_type(std::string_view name) {
  for (const ColumnType type :
       {ColumnType::boolean, ColumnType::integer, ColumnType::bigint, ColumnType::float64, ColumnType::date,
        ColumnType::timestamp, ColumnType::varchar, ColumnType::json}) {
    if (name_of(type) == name) return type;
  }
  return std::nullopt;
}

}  // namespace offloader::catalog
