#include "offloader/index/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "offloader/index/format.h"

namespace offloader::index {
namespace {

// The columns of the index, each once: the tenant column, the sort columns, the rest.
std::vector<std::size_t> columns_of(const WantedLayout& wanted) {
  std::vector<std::size_t> columns;
  const auto add = [&](std::size_t column) {
    if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
  };
  if (wanted.tenant_column) add(*wanted.tenant_column);
  for (const std::size_t column : wanted.sort_columns) add(column);
  for (const std::size_t column : wanted.indexed_columns) add(column);
  return columns;
}

}  // namespace

std::uint64_t layout_id(const WantedLayout& wanted) {
  std::string text;
  const auto add = [&](char role, std::size_t column) {
    const catalog::SizedType& type = wanted.schema[column].type;
    fmt::format_to(std::back_inserter(text), "{}{} {}", role, wanted.schema[column].name, number_of(type));
    if (type == catalog::ColumnType::decimal)
      fmt::format_to(std::back_inserter(text), " {} {}", type.size.precision, type.size.scale);
    text += '\n';
  };
  if (wanted.tenant_column) add('t', *wanted.tenant_column);
  for (const std::size_t column : wanted.sort_columns) add('s', column);
  for (const std::size_t column :
       std::set<std::size_t>(wanted.indexed_columns.begin(), wanted.indexed_columns.end()))
    add('c', column);
  return hash_of(text.data(), text.size());
}

Layout layout_of(const WantedLayout& wanted) {
  const std::vector<std::size_t> columns = columns_of(wanted);
  Layout layout;
  for (const std::size_t column : columns) layout.columns.push_back(wanted.schema[column]);
  const std::size_t sorted = wanted.sort_columns.size() + (wanted.tenant_column ? 1 : 0);
  if (wanted.tenant_column) layout.tenant_column = 0;
  // columns_of() has put the sort columns first, in this order and without repetitions.
  for (std::size_t i = 0; i < std::min(sorted, columns.size()); ++i) {
    const bool sorts = columns[i] == wanted.tenant_column ||
                       std::ranges::find(wanted.sort_columns, columns[i]) != wanted.sort_columns.end();
    if (sorts) layout.sort_columns.push_back(i);
  }
  return layout;
}

}  // namespace offloader::index
