#include "offloader/duckdb/instance.h"

#include <gtest/gtest.h>

#include "data_folder.h"

namespace offloader::duckdb {
namespace {

class InstanceTest : public DataFolder {};

TEST_F(InstanceTest, Query_BeyondTheAllowedFolders_Fails) {
  InstanceOptions options;
  options.allowed_directories = {(root_ / "project").string()};
  const auto database = open_instance(options);
  ASSERT_TRUE(database) << database.error().detail;
  auto connection = Connection::open(*database);
  ASSERT_TRUE(connection) << connection.error().detail;
  for (const std::string& sql :
       {"ATTACH '" + (root_ / "other.duckdb").string() + "' AS o",
        std::string("SELECT * FROM read_csv('/etc/passwd')"), std::string("INSTALL httpfs"),
        std::string("LOAD httpfs"), std::string("SET threads = 1"),
        std::string("SET enable_external_access = true"),
        "COPY (SELECT 1) TO '" + (root_ / "x.csv").string() + "'"}) {
    EXPECT_FALSE(connection->query(sql)) << sql;
  }
}

}  // namespace
}  // namespace offloader::duckdb
