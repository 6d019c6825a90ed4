#include "offloader/catalog/sort_columns.h"

#include <algorithm>
#include <map>
#include <set>

namespace offloader::catalog {
namespace {

bool pages_rows_by_cursor(const Endpoint& endpoint) {
  return endpoint.pages_by_cursor() && endpoint.serving_mode == ServingMode::local_table &&
         endpoint.group_by.empty() && !endpoint.group_choice && !endpoint.aggregated() &&
         !endpoint.order_by.empty();
}

// Appends the columns that order the pages of the most endpoints, until there are `room`.
void append_order(const Dataset& dataset, const std::vector<const Endpoint*>& endpoints, std::size_t room,
                  std::vector<std::size_t>& columns) {
  const auto column_of = [](const Endpoint& endpoint, const OrderBy& by) {
    return endpoint.select[by.select].column;
  };
  std::map<std::size_t, int> shares;  // first column of an order: number of endpoints that have it
  std::vector<const Endpoint*> paging;
  for (const Endpoint* endpoint : endpoints) {
    if (!pages_rows_by_cursor(*endpoint)) continue;
    paging.push_back(endpoint);
    ++shares[column_of(*endpoint, endpoint->order_by.front())];
  }
  std::stable_sort(paging.begin(), paging.end(), [&](const Endpoint* a, const Endpoint* b) {
    return shares[column_of(*a, a->order_by.front())] > shares[column_of(*b, b->order_by.front())];
  });
  for (const Endpoint* endpoint : paging) {
    for (const OrderBy& by : endpoint->order_by) {
      const std::size_t column = column_of(*endpoint, by);
      if (columns.size() >= room || dataset.schema[column].type == ColumnType::json) break;
      if (column != dataset.tenant_column && std::ranges::find(columns, column) == columns.end())
        columns.push_back(column);
    }
  }
}

}  // namespace

bool narrows(const Filter& filter) {
  return filter.any == 0 && row_of(filter.op).narrows;
}

std::vector<std::size_t> sort_columns(const Dataset& dataset, const std::vector<const Endpoint*>& endpoints) {
  std::map<std::size_t, int> shares;  // column that filters narrow: number of endpoints that use it
  for (const Endpoint* endpoint : endpoints) {
    if (endpoint->serving_mode == ServingMode::remote_scan) continue;
    std::set<std::size_t> narrowed;
    for (const Filter& filter : endpoint->filters) {
      if (narrows(filter)) narrowed.insert(filter.column);
    }
    for (const std::size_t column : narrowed) ++shares[column];
  }
  std::vector<std::size_t> columns;
  for (const auto& [column, count] : shares) {
    if (column != dataset.tenant_column) columns.push_back(column);
  }
  std::stable_sort(columns.begin(), columns.end(),
                   [&](std::size_t a, std::size_t b) { return shares[a] > shares[b]; });
  const std::size_t room = kMostSortColumns - (dataset.tenant_column ? 1 : 0);
  if (columns.size() > room) columns.resize(room);
  append_order(dataset, endpoints, room, columns);
  return columns;
}

}  // namespace offloader::catalog
