#include "offloader/duckdb/instance.h"

#include <gtest/gtest.h>

#include "data_folder.h"
#include "offloader/base/testing/descriptor_limit.h"
#include "offloader/object_store/testing/memory_store.h"
#include "pinned_files.h"

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

TEST_F(InstanceTest, Query_RemoteFileWithoutAWatch_IsAnswered) {
  const auto local = parquet("project/a.parquet", "SELECT 7 AS id");
  std::ifstream in(local.location, std::ios::binary);
  const auto store = std::make_shared<object_store::testing::MemoryStore>();
  store->put("s3://bucket/a.parquet", {std::istreambuf_iterator<char>(in), {}});
  const manifest::ResolvedFile file{"s3://bucket/a.parquet", true, local.declared};
  const object_store::UrlPolicy policy{{"s3://bucket"}, {"s3://bucket"}};
  auto pinned = PinnedFiles::open(store, {file}, {policy, nullptr}, {});
  ASSERT_TRUE(pinned);
  InstanceOptions options;
  options.pinned = *pinned;
  options.allowed_paths = {(*pinned)->files()[0].location};
  const auto database = open_instance(options);
  ASSERT_TRUE(database) << database.error().detail;
  auto connection = Connection::open(*database);
  ASSERT_TRUE(connection) << connection.error().detail;
  const auto rows = connection->rows("SELECT id FROM read_parquet('" + (*pinned)->files()[0].location + "')");
  ASSERT_TRUE(rows) << rows.error().detail;
  EXPECT_EQ(rows->at(0).at(0), "7");
}

// DuckDB ends the process if it runs out of descriptors while it opens an instance.
TEST_F(InstanceTest, Open_NoDescriptorLeft_IsBusy) {
  {
    const DescriptorLimit limit(0);
    const auto opened = open_instance({});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::busy);
  }
  EXPECT_TRUE(open_instance({}));
}

}  // namespace
}  // namespace offloader::duckdb
