#include "offloader/duckdb/table_stream.h"

#include <gtest/gtest.h>

#include "data_folder.h"

namespace offloader::duckdb {
namespace {

class TableStreamTest : public DataFolder {
 protected:
  // Streams a table of 400,000 rows, sorted, by an instance with these limits.
  Result<void> stream_sorted(std::uint64_t memory, std::uint64_t spill) {
    InstanceOptions options;
    options.memory_limit = memory;
    options.spill_limit = spill;
    options.temp_directory = root_ / "project";
    options.setup = {"CREATE TABLE t AS SELECT i AS a, md5(i::VARCHAR) AS b FROM range(400000) r(i)"};
    const auto database = open_instance(options);
    if (!database) return fail(database.error());
    auto connection = Connection::open(*database);
    if (!connection) return fail(connection.error());
    const TableStream stream{
        .table = "t",
        .columns = {{"a", catalog::ColumnType::bigint}, {"b", catalog::ColumnType::varchar}},
        .order = {1, 0}};
    return stream_table(*connection, stream, nullptr, [](const rows::Batch&) { return Result<void>{}; });
  }
};

TEST_F(TableStreamTest, StreamTable_NoRoomToSpill_FailsWithNoSpace) {
  const auto sorted = stream_sorted(48 << 20, 1 << 20);
  ASSERT_FALSE(sorted);
  EXPECT_EQ(sorted.error().code, ErrorCode::no_space) << sorted.error().detail;
}

TEST_F(TableStreamTest, StreamTable_UnknownTable_FailsWithItsText) {
  const auto streamed = stream_table(duckdb::testing::unlocked_connection(),
                                     {.table = "no_such_table", .columns = {{"a"}}, .order = {}}, nullptr,
                                     [](const rows::Batch&) { return Result<void>{}; });
  ASSERT_FALSE(streamed);
  EXPECT_EQ(streamed.error().code, ErrorCode::internal);
  EXPECT_NE(streamed.error().detail.find("no_such_table"), std::string::npos);
}

}  // namespace
}  // namespace offloader::duckdb
