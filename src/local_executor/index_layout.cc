#include "index_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "offloader/duckdb/instance.h"

namespace offloader::local_executor {

std::vector<std::size_t> sorted_columns(const catalog::Dataset& dataset,
                                        const std::vector<std::size_t>& sort_columns) {
  std::vector<std::size_t> columns;
  if (dataset.tenant_column) columns.push_back(*dataset.tenant_column);
  for (const auto column : sort_columns) {
    if (columns.size() < 4 && std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
  }
  return columns;
}

index::WantedLayout index_layout(const catalog::Dataset& dataset,
                                 const std::vector<catalog::SizedType>& stored,
                                 const executor::Layout& columns) {
  const auto as_declared = [&](std::size_t column) {
    return column < stored.size() && stored[column] == dataset.schema[column].type;
  };
  index::WantedLayout wanted;
  wanted.schema = dataset.schema.items();
  wanted.tenant_column = dataset.tenant_column;
  for (const auto column : sorted_columns(dataset, columns.sort_columns)) {
    if (!as_declared(column)) break;
    if (column != wanted.tenant_column) wanted.sort_columns.push_back(column);
  }
  std::ranges::copy_if(columns.indexed_columns, std::back_inserter(wanted.indexed_columns), as_declared);
  wanted.id = layout_id(wanted);
  return wanted;
}

std::string layout_sql(const index::WantedLayout& wanted) {
  std::string sql = "CREATE TABLE target.main.layout (name VARCHAR, position INTEGER)";
  std::string values;
  for (std::size_t i = 0; i < wanted.sort_columns.size(); ++i) {
    values += fmt::format("{}({}, {})", values.empty() ? "" : ", ",
                          duckdb::quote_literal(wanted.schema[wanted.sort_columns[i]].name), i);
  }
  for (const std::size_t column : wanted.indexed_columns) {
    values += fmt::format("{}({}, NULL)", values.empty() ? "" : ", ",
                          duckdb::quote_literal(wanted.schema[column].name));
  }
  if (!values.empty()) sql += "; INSERT INTO target.main.layout VALUES " + values;
  return sql;
}

}  // namespace offloader::local_executor
