#include "offloader/catalog/sort_columns.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace offloader::catalog {
namespace {

// A dataset of the columns tenant, a, b, c, d, e, and endpoints that select all of them.
class SortColumns : public ::testing::Test {
 protected:
  SortColumns() {
    std::vector<Column> columns;
    for (const char* name : {"tenant", "a", "b", "c", "d", "e"})
      columns.push_back({name, ColumnType::integer});
    dataset_.schema = SharedList<Column>(std::move(columns));
    dataset_.tenant_column = 0;
  }

  Endpoint& add() {
    endpoints_.push_back(std::make_unique<Endpoint>());
    Endpoint& endpoint = *endpoints_.back();
    for (std::size_t i = 0; i < 6; ++i) endpoint.select.push_back({.as = "", .column = i});
    return endpoint;
  }
  Endpoint& add_filtered(std::size_t column) {
    Endpoint& endpoint = add();
    endpoint.filters.push_back({.column = column, .op = FilterOp::eq});
    return endpoint;
  }
  Endpoint& add_ordered(const std::vector<std::size_t>& columns) {
    Endpoint& endpoint = add();
    endpoint.cursor = CursorPaging::on;
    for (const std::size_t column : columns) endpoint.order_by.push_back({.select = column});
    return endpoint;
  }
  [[nodiscard]] std::vector<std::size_t> get() const {
    std::vector<const Endpoint*> all;
    for (const auto& endpoint : endpoints_) all.push_back(endpoint.get());
    return sort_columns(dataset_, all);
  }

  Dataset dataset_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
};

using Columns = std::vector<std::size_t>;

TEST_F(SortColumns, Get_EndpointsWithCursors_TheirOrderFollowsTheFilters) {
  add_filtered(5);
  add_ordered({0, 2, 1, 3});
  EXPECT_EQ(get(), (Columns{5, 2, 1}));
}

TEST_F(SortColumns, Get_OrdersBeginAlike_ThatOfTheMostEndpointsComesFirst) {
  add_ordered({4});
  add_ordered({2, 1});
  add_ordered({2, 3});
  EXPECT_EQ(get(), (Columns{2, 1, 3}));
}

TEST_F(SortColumns, Get_NoCursor_OrderDoesNotCount) {
  add_ordered({2}).cursor = CursorPaging::off;
  EXPECT_EQ(get(), Columns{});
}

TEST_F(SortColumns, Get_CursorOfGroupsOrOfARemoteScan_OrderDoesNotCount) {
  add_ordered({1}).group_by = {1};
  add_ordered({2}).select[3].aggregate = Aggregate::sum;
  add_ordered({3}).serving_mode = ServingMode::remote_scan;
  EXPECT_EQ(get(), Columns{});
}

TEST_F(SortColumns, Get_OrderReachesAJsonColumn_EndsThere) {
  std::vector<Column> columns(dataset_.schema.items().begin(), dataset_.schema.items().end());
  columns[2].type = ColumnType::json;
  dataset_.schema = SharedList<Column>(std::move(columns));
  add_ordered({1, 2, 3});
  EXPECT_EQ(get(), Columns{1});
}

}  // namespace
}  // namespace offloader::catalog
