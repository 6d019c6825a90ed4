#include "offloader/duckdb/describe_file.h"

#include <gmock/gmock.h>

#include "data_folder.h"
#include "offloader/duckdb/testing/parquet_bytes.h"

namespace offloader::duckdb {
namespace {

namespace parquet_bytes = duckdb::testing::parquet_bytes;
using catalog::Column;
using catalog::ColumnType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DescribeFileTest : public DataFolder {
 protected:
  Result<FileDescription> csv(const std::string& text, const std::string& name = "t.csv") {
    write(name, text);
    return describe_file(root_ / name, manifest::FileFormat::csv);
  }
};

TEST_F(DescribeFileTest, Describe_CsvColumn_HasTheNarrowestFittingType) {
  const auto found =
      csv("flag,count,zip,price,day,at,doc,text,mixed,empty\n"
          "true,1,01234,1,2024-02-29,2024-02-29T10:00:00Z,\"{\"\"a\"\":1}\",x,1,\n"
          "FALSE,-9223372036854775808,00501,2.5e3,2024-03-01,2024-03-01,\"[1]\",\"a,\"\"b\"\"\",2024-01-01,\n"
          ",,,,,,,,,\n");
  ASSERT_TRUE(found) << found.error().message << found.error().detail;
  EXPECT_THAT(found->columns,
              ElementsAre(Column{"flag", ColumnType::boolean}, Column{"count", ColumnType::bigint},
                          Column{"zip", ColumnType::varchar}, Column{"price", ColumnType::float64},
                          Column{"day", ColumnType::date}, Column{"at", ColumnType::timestamp},
                          Column{"doc", ColumnType::json}, Column{"text", ColumnType::varchar},
                          Column{"mixed", ColumnType::varchar}, Column{"empty", ColumnType::varchar}));
  EXPECT_THAT(found->valueless, ElementsAre("empty"));
  EXPECT_EQ(found->rows, 3);
  EXPECT_EQ(found->bytes, std::filesystem::file_size(root_ / "t.csv"));
}

TEST_F(DescribeFileTest, Describe_CsvValuesThatAlmostFitAType_AreVarchar) {
  const auto found = csv("big,day,doc,number\n9223372036854775808,2023-02-29,{a,1.\n");
  ASSERT_TRUE(found) << found.error().detail;
  // A DOUBLE would lose digits of a whole number beyond 64 bits.
  EXPECT_THAT(found->columns,
              ElementsAre(Column{"big", ColumnType::varchar}, Column{"day", ColumnType::varchar},
                          Column{"doc", ColumnType::varchar}, Column{"number", ColumnType::varchar}));
}

TEST_F(DescribeFileTest, Describe_Parquet_MapsTypesAndListsIgnoredColumns) {
  parquet("t.parquet",
          "SELECT true AS b, 1::UTINYINT AS i, 1::UINTEGER AS l, 1.5::DECIMAL(9,2) AS d, DATE '2024-01-01' "
          "AS day, "
          "TIMESTAMPTZ '2024-01-01 00:00:00+00' AS at, 'x' AS v, {'a': 1} AS s, [1] AS k, 'x'::BLOB AS text, "
          "TIME '12:00:00' AS clock, '\\xFF'::BLOB AS blob, INTERVAL 1 DAY AS span, 1 AS \"a b\" "
          "FROM range(7)");
  const auto found = describe_file(root_ / "t.parquet", manifest::FileFormat::parquet);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_THAT(found->columns,
              ElementsAre(Column{"b", ColumnType::boolean}, Column{"i", ColumnType::integer},
                          Column{"l", ColumnType::bigint}, Column{"d", catalog::decimal_type(9, 2)},
                          Column{"day", ColumnType::date}, Column{"at", ColumnType::timestamptz},
                          Column{"v", ColumnType::varchar}, Column{"s", ColumnType::json},
                          Column{"k", ColumnType::json}, Column{"text", ColumnType::varchar},
                          Column{"clock", ColumnType::varchar}));
  EXPECT_THAT(found->ignored,
              ElementsAre(HasSubstr("blob: Row 1: the value \\xFF of blob is not UTF-8"),
                          HasSubstr("span: the type INTERVAL is not supported"), HasSubstr("a b: ")));
  EXPECT_EQ(found->rows, 7);
}

// DuckDB is not given a page that it might follow out of its memory.
TEST_F(DescribeFileTest, Describe_ParquetColumnWithADamagedPage_IsIgnoredWithTheReason) {
  std::vector<parquet_bytes::Column> columns;
  for (const char* name : {"good", "bad"}) {
    columns.push_back({name, parquet_bytes::kInt32, {}, {}, 0, 0, 0, -1, false, false});
    columns.back().values = {parquet_bytes::plain(1)};
  }
  columns[1].page_count = -1;
  std::ofstream(root_ / "p.parquet", std::ios::binary) << parquet_bytes::file_of(columns);
  const auto described = describe_file(root_ / "p.parquet", manifest::FileFormat::parquet, {});
  ASSERT_TRUE(described) << described.error().message;
  ASSERT_EQ(described->columns.size(), 1U);
  EXPECT_EQ(described->columns[0].name, "good");
  ASSERT_EQ(described->ignored.size(), 1U);
  EXPECT_NE(described->ignored[0].find("has a negative number in its header"), std::string::npos);
}

TEST_F(DescribeFileTest, Describe_MissingOrInvalidFile_FailsWithTheReason) {
  EXPECT_EQ(describe_file(root_ / "none.csv", manifest::FileFormat::csv).error().code, ErrorCode::not_found);
  EXPECT_EQ(describe_file(root_, manifest::FileFormat::csv).error().code, ErrorCode::not_found);
  write("t.parquet", "not Parquet");
  const auto parquet = describe_file(root_ / "t.parquet", manifest::FileFormat::parquet);
  EXPECT_EQ(parquet.error().code, ErrorCode::rejected);
  EXPECT_THAT(parquet.error().message, HasSubstr("t.parquet: Cannot read the file: "));
}

}  // namespace
}  // namespace offloader::duckdb
