#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace offloader::catalog {

// The logical types of a dataset's schema (project-files.md). `json` is a nested column.
enum class ColumnType { boolean, integer, bigint, float64, date, timestamp, varchar, json };

struct Column {
  std::string name;
  ColumnType type = ColumnType::varchar;
  std::string from{};  // the column's name in data files; empty: `name`

  [[nodiscard]] const std::string& name_in_files() const { return from.empty() ? name : from; }
  friend bool operator==(const Column&, const Column&) = default;
};

// The contract's spelling: BOOLEAN INTEGER BIGINT DOUBLE DATE TIMESTAMP VARCHAR JSON. Case-sensitive.
[[nodiscard]] std::string_view name_of(ColumnType type);
[[nodiscard]] std::optional<ColumnType> parse_column_type(std::string_view name);

[[nodiscard]] constexpr bool is_numeric(ColumnType type) {
  return type == ColumnType::integer || type == ColumnType::bigint || type == ColumnType::float64;
}

}  // namespace offloader::catalog
