#include "index_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "duckdb_handle.h"
#include "index_format.h"

namespace offloader::engine {

std::vector<std::size_t> sorted_columns(const catalog::Dataset& dataset,
                                        const std::vector<std::size_t>& sort_columns) {
  std::vector<std::size_t> columns;
  if (dataset.tenant_column) columns.push_back(*dataset.tenant_column);
  for (const auto column : sort_columns) {
    if (columns.size() < 4 && std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
  }
  return columns;
}

IndexBuild index_layout(const catalog::Dataset& dataset, const std::vector<catalog::ColumnType>& stored,
                        const IndexColumns& columns) {
  const auto as_declared = [&](std::size_t column) {
    return column < stored.size() && stored[column] == dataset.schema[column].type;
  };
  IndexBuild build;
  build.table = "target.main.rows";
  build.schema = dataset.schema;
  build.tenant_column = dataset.tenant_column;
  for (const auto column : sorted_columns(dataset, columns.sort_columns)) {
    if (!as_declared(column)) break;
    if (column != build.tenant_column) build.sort_columns.push_back(column);
  }
  std::ranges::copy_if(columns.indexed_columns, std::back_inserter(build.indexed_columns), as_declared);
  build.layout = layout_id(build);
  return build;
}

std::uint64_t layout_id(const IndexBuild& build) {
  std::string text;
  const auto add = [&](char role, std::size_t column) {
    fmt::format_to(std::back_inserter(text), "{}{} {}\n", role, build.schema[column].name,
                   static_cast<int>(build.schema[column].type));
  };
  if (build.tenant_column) add('t', *build.tenant_column);
  for (const std::size_t column : build.sort_columns) add('s', column);
  for (const std::size_t column :
       std::set<std::size_t>(build.indexed_columns.begin(), build.indexed_columns.end()))
    add('c', column);
  return index_hash(text.data(), text.size());
}

std::string layout_sql(const IndexBuild& build) {
  std::string sql = "CREATE TABLE target.main.layout (name VARCHAR, position INTEGER)";
  std::string values;
  for (std::size_t i = 0; i < build.sort_columns.size(); ++i) {
    values += fmt::format("{}({}, {})", values.empty() ? "" : ", ",
                          quote_literal(build.schema[build.sort_columns[i]].name), i);
  }
  for (const std::size_t column : build.indexed_columns) {
    values +=
        fmt::format("{}({}, NULL)", values.empty() ? "" : ", ", quote_literal(build.schema[column].name));
  }
  if (!values.empty()) sql += "; INSERT INTO target.main.layout VALUES " + values;
  return sql;
}

}  // namespace offloader::engine
