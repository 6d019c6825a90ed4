#include "index_layout.h"

#include <gtest/gtest.h>

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;

// An index file stores the id of the layout that it was built for. If ids changed, every index would be
// rebuilt.
TEST(IndexLayout, Id_OfTheSameLayout_NeverChanges) {
  const std::vector<catalog::SizedType> types = {
      ColumnType::boolean, ColumnType::integer,   ColumnType::bigint,  ColumnType::float64,
      ColumnType::date,    ColumnType::timestamp, ColumnType::varchar, ColumnType::json};
  catalog::Dataset dataset;
  for (std::size_t i = 0; i < types.size(); ++i)
    dataset.schema.push_back({"c" + std::to_string(i), types[i]});
  const executor::Layout columns{.sort_columns = {1, 4}, .indexed_columns = {0, 1, 2, 3, 4, 5, 6, 7}};
  EXPECT_EQ(index_layout(dataset, types, columns).id, 5875650116702319270ULL);
}

}  // namespace
}  // namespace offloader::local_executor
