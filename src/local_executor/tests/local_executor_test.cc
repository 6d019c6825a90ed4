#include "offloader/local_executor/local_executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <future>

#include "local_scene.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;

class LocalExecutorTest : public LocalScene {
 protected:
  LocalExecutorTest() {
    dataset_.schema = {{"tenant", ColumnType::varchar}, {"day", ColumnType::date},
                       {"n", ColumnType::bigint},       {"x", ColumnType::float64},
                       {"at", ColumnType::timestamp},   {"doc", ColumnType::json}};
    dataset_.tenant_column = 0;
  }

  executor::Materialization request(std::vector<manifest::ResolvedFile> files, std::int64_t rows) {
    auto out = LocalScene::request(std::move(files), rows);
    out.layout.sort_columns = {1};
    return out;
  }

  // Connects to a separate, locked instance that may read the cache folder.
  [[nodiscard]] Result<duckdb::Connection> connect_locked() const {
    duckdb::InstanceOptions options;
    options.allowed_directories = {(root_ / "cache").string()};
    auto database = duckdb::open_instance(options);
    if (!database) return fail(std::move(database.error()));
    return duckdb::Connection::open(*database);
  }

  query::Plan plan(std::vector<query::Projection> projections, std::string tenant) {
    auto shape = std::make_shared<query::PlanShape>();
    shape->id = next_shape();
    shape->schema = dataset_.schema;
    shape->tenant_scoped = true;
    shape->conditions = {{0, ColumnType::varchar, query::Comparison::eq}};
    for (std::size_t i = 0; i < projections.size(); ++i) {
      if (projections[i].aggregate) shape->aggregated = true;
      shape->order.push_back({i, false});
    }
    shape->projections = std::move(projections);
    query::Plan out;
    for (std::size_t i = 0; i < shape->projections.size(); ++i) out.columns.push_back(i);
    out.shape = std::move(shape);
    out.values = {std::move(tenant)};
    out.limit = 10;
    return out;
  }
};

constexpr char kRows[] =
    "\xef\xbb\xbftenant,day,n,x,at,doc\r\n"
    "b,2024-01-02,2,0.5,2024-01-02T03:04:05+02:00,\"{\"\"a\"\":[1,NaN]}\"\r\n"
    "a,2024-01-01,9223372036854775807,1,2024-01-02 03:04:05.25,\r\n"
    "a,2024-01-03,1,,,[]\r\n"
    "\"\",2024-01-03,1,,,[]\r\n"
    ",2024-01-03,1,,,[]\r\n";

std::vector<query::Projection> every_column() {
  return {{"n", 2, ColumnType::bigint, {}},
          {"day", 1, ColumnType::date, {}},
          {"x", 3, ColumnType::float64, {}},
          {"at", 4, ColumnType::timestamp, {}},
          {"doc", 5, ColumnType::json, {}}};
}

TEST_F(LocalExecutorTest, Run_BuiltSnapshot_AnswersItsRows) {
  const auto built = executor_->materialize(request({write("a.csv", kRows)}, 5));
  ASSERT_TRUE(built) << built.error().error.detail;
  EXPECT_EQ(built->rows, 5);
  auto snapshot = attach();
  ASSERT_TRUE(snapshot) << snapshot.error().detail;
  EXPECT_EQ((*snapshot)->fingerprint(), built->fingerprint);

  auto rows = run(plan(every_column(), "b"), *snapshot);
  ASSERT_TRUE(rows) << rows.error().detail;
  EXPECT_EQ(rows->json,
            R"([{"n":2,"day":"2024-01-02","x":0.5,"at":"2024-01-02T01:04:05","doc":{"a":[1,null]}}])");

  rows = run(plan({{"total", 2, ColumnType::bigint, catalog::Aggregate::sum}}, "a"), *snapshot);
  ASSERT_TRUE(rows) << rows.error().detail;
  EXPECT_EQ(rows->json, R"([{"total":9223372036854775808}])");

  auto page = plan({{"n", 2, ColumnType::bigint, {}}}, "a");
  page.limit = 1;
  rows = run(page, *snapshot);
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->json, R"([{"n":1}])");
  EXPECT_TRUE(rows->has_more);

  rows = run(plan({{"count", 2, ColumnType::bigint, catalog::Aggregate::count}}, ""), *snapshot);
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->json, R"([{"count":1}])") << "an unquoted empty field is NULL, a quoted one is text";

  (*snapshot)->retire();
  EXPECT_TRUE(std::filesystem::exists(root_ / "cache/datasets/d/s1.b1.duckdb"));
  snapshot->reset();
}

TEST_F(LocalExecutorTest, Run_RemoteScan_GivesTheSameBytesAsALocalTable) {
  const auto file = write("a.csv", kRows);
  ASSERT_TRUE(executor_->materialize(request({file}, 5)));
  auto local = attach();
  ASSERT_TRUE(local);
  auto remote = scan(request({file}, 5).source.manifest, {file});
  ASSERT_TRUE(remote) << remote.error().error.detail;
  const auto both = plan(every_column(), "a");
  auto expected = run(both, *local);
  auto actual = run(both, *remote);
  ASSERT_TRUE(expected) << expected.error().detail;
  ASSERT_TRUE(actual) << actual.error().detail;
  EXPECT_EQ(actual->json, expected->json);
}

TEST_F(LocalExecutorTest, Materialize_ValueDoesNotFit_ReportsFileAndRow) {
  const auto built =
      executor_->materialize(request({write("a.csv", "tenant,day,n,x,at,doc\na,,1,,,\na,,1.5,,,\n")}, 2));
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().error.code, ErrorCode::rejected);
  ASSERT_EQ(built.error().findings.size(), 1U) << built.error().error.detail;
  EXPECT_EQ(built.error().findings[0].file, "a.csv");
  EXPECT_THAT(built.error().findings[0].message, ::testing::HasSubstr("Row 2"));
  EXPECT_TRUE(std::filesystem::is_empty(root_ / "cache/datasets/d"));
}

TEST_F(LocalExecutorTest, Materialize_RowCountDiffers_IsRejected) {
  const auto built = executor_->materialize(request({write("a.csv", kRows)}, 6));
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().findings[0].code, "row_count_mismatch");
  EXPECT_TRUE(std::filesystem::is_empty(root_ / "cache/datasets/d"));
}

TEST_F(LocalExecutorTest, Materialize_HeaderDiffers_IsRejected) {
  const auto built = executor_->materialize(request({write("a.csv", "tenant,day,n,x,at,other\n")}, 0));
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().findings[0].code, "schema_data_mismatch");
}

TEST_F(LocalExecutorTest, Attach_TruncatedFile_IsCorrupt) {
  const auto b = executor_->materialize(request({write("a.csv", kRows)}, 5));
  ASSERT_TRUE(b) << b.error().error.detail;
  std::filesystem::resize_file(root_ / "cache/datasets/d/s1.b1.duckdb", 100);
  const auto snapshot = attach();
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().code, ErrorCode::corrupt);
}

// Filters on a tenant must compare dictionary positions instead of strings, so the column must always be
// compressed with a dictionary.
TEST_F(LocalExecutorTest, Materialize_TextColumnOfFewValues_UsesADictionary) {
  dataset_.schema = {{"tenant", ColumnType::varchar}};
  const auto file = parquet("a.parquet", "SELECT 'tenant ' || n % 400 AS tenant FROM range(50000) AS r(n)");
  const auto built = executor_->materialize(LocalScene::request({file}, 50000));
  ASSERT_TRUE(built) << built.error().error.detail;
  auto connection = connect_locked();
  ASSERT_TRUE(connection) << connection.error().detail;
  ASSERT_TRUE(connection->query("ATTACH '" + files().database().string() + "' AS s (READ_ONLY)"));
  const auto stored = connection->rows(
      "SELECT DISTINCT compression FROM pragma_storage_info('s.main.rows') WHERE segment_type = 'VARCHAR'");
  ASSERT_TRUE(stored) << stored.error().detail;
  EXPECT_THAT(*stored, ::testing::ElementsAre(::testing::ElementsAre("DICT_FSST")));
}

}  // namespace
}  // namespace offloader::local_executor
