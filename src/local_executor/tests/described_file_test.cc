#include <gtest/gtest.h>

#include "local_scene.h"
#include "offloader/duckdb/describe_file.h"

namespace offloader::local_executor {
namespace {

class DescribedFile : public LocalScene {};

TEST_F(DescribedFile, Materialize_WithTheDescribedSchema_LoadsTheFile) {
  const std::string text = "\xef\xbb\xbf\"id\",day,price\r\n1,2024-01-01,1.5\r\n2,2024-01-02,\r\n";
  const auto file = write("t.csv", text);
  const auto found = duckdb::describe_file(root_ / "t.csv", manifest::FileFormat::csv);
  ASSERT_TRUE(found) << found.error().detail;
  dataset_.schema = found->columns;
  EXPECT_EQ(answer({file}),
            R"([{"id":1,"day":"2024-01-01","price":1.5},{"id":2,"day":"2024-01-02","price":null}])");
}

}  // namespace
}  // namespace offloader::local_executor
