#include <gmock/gmock.h>

#include "local_scene.h"

namespace offloader::local_executor {
namespace {

using catalog::ColumnType;
using ::testing::HasSubstr;

class ParquetTest : public LocalScene {};

TEST_F(ParquetTest, Materialize_EveryParquetType_IsConverted) {
  dataset_.schema = {
      {"b", ColumnType::boolean},          {"i1", ColumnType::integer},   {"i2", ColumnType::integer},
      {"l", ColumnType::bigint},           {"d1", ColumnType::float64},   {"d2", ColumnType::float64},
      {"d3", ColumnType::float64},         {"day", ColumnType::date},     {"s", ColumnType::timestamp},
      {"ms", ColumnType::timestamp},       {"ns", ColumnType::timestamp}, {"tz", ColumnType::timestamp},
      {"midnight", ColumnType::timestamp}, {"v", ColumnType::varchar},    {"e", ColumnType::varchar},
      {"u", ColumnType::varchar}};
  const auto file =
      parquet("t.parquet",
              "SELECT true AS b, 200::UTINYINT AS i1, 2147483647::BIGINT AS i2, 7::UBIGINT AS l, "
              "1.5::FLOAT AS d1, 12.34::DECIMAL(9,2) AS d2, 3::SMALLINT AS d3, DATE '2024-02-29' AS day, "
              "TIMESTAMP_S '2024-01-02 03:04:05' AS s, TIMESTAMP_MS '2024-01-02 03:04:05.678' AS ms, "
              "TIMESTAMP_NS '2024-01-02 03:04:05.123456789' AS ns, "
              "TIMESTAMPTZ '2024-01-02 03:04:05+02' AS tz, DATE '2024-01-02' AS midnight, "
              "'é\"' AS v, 'red'::ENUM('red', 'blue') AS e, "
              "'00000000-0000-0000-0000-00000000000a'::UUID AS u");
  EXPECT_EQ(answer({file}),
            R"([{"b":true,"i1":200,"i2":2147483647,"l":7,"d1":1.5,"d2":12.34,"d3":3.0,"day":"2024-02-29",)"
            R"("s":"2024-01-02T03:04:05","ms":"2024-01-02T03:04:05.678","ns":"2024-01-02T03:04:05.123456",)"
            R"("tz":"2024-01-02T01:04:05","midnight":"2024-01-02T00:00:00","v":"é\"","e":"red",)"
            R"("u":"00000000-0000-0000-0000-00000000000a"}])");
}

TEST_F(ParquetTest, Materialize_NestedValues_BecomeJson) {
  dataset_.schema = {{"s", ColumnType::json}, {"l", ColumnType::json}, {"m", ColumnType::json},
                     {"j", ColumnType::json}, {"t", ColumnType::json}, {"n", ColumnType::json}};
  const auto file = parquet("t.parquet",
                            "SELECT {'a': 'NaN'::DOUBLE, 'text': 'NaN \"x\"', 'deep': {'i': ['inf'::DOUBLE, "
                            "'-inf'::DOUBLE, 1.0]}} AS s, [1, NULL, 3] AS l, MAP {'k': 1, 'k2': 2} AS m, "
                            "'{\"x\": [1]}'::JSON AS j, ' [true]' AS t, NULL::INTEGER[] AS n");
  EXPECT_EQ(answer({file}),
            R"([{"s":{"a":null,"text":"NaN \"x\"","deep":{"i":[null,null,1.0]}},"l":[1,null,3],)"
            R"("m":{"k":1,"k2":2},"j":{"x": [1]},"t": [true],"n":null}])");
}

TEST_F(ParquetTest, Materialize_PartsLackOrAddColumns_FillsWithNull) {
  dataset_.schema = {{"n", ColumnType::bigint}, {"late", ColumnType::varchar}, {"x", ColumnType::float64}};
  const auto old_part = parquet("a.parquet", "SELECT 1 AS n, 0.5 AS x, 'ignored' AS other");
  EXPECT_THAT(refusal({old_part}), HasSubstr("No file has the column late"));
  const auto new_part = parquet("b.parquet", "SELECT 2.5::FLOAT AS x, 'here' AS late, 2::BIGINT AS n");
  const auto third = parquet("c.parquet", "SELECT 3.5::FLOAT AS x, 'there' AS late, 3::BIGINT AS n");
  EXPECT_EQ(answer({old_part, new_part, third}),
            R"([{"n":1,"late":null,"x":0.5},{"n":2,"late":"here","x":2.5},{"n":3,"late":"there","x":3.5}])");
}

TEST_F(ParquetTest, Materialize_TypesDoNotMatch_ReportsAllColumns) {
  dataset_.schema = {{"b", ColumnType::boolean}, {"i", ColumnType::integer}, {"day", ColumnType::date},
                     {"v", ColumnType::varchar}, {"j", ColumnType::json},    {"ok", ColumnType::float64}};
  const auto text = refusal({parquet("t.parquet",
                                     "SELECT 1 AS b, 1.5::DECIMAL(3,1) AS i, 'x' AS day, "
                                     "1 AS v, 1.5::DOUBLE AS j, 1.5::DOUBLE AS ok")});
  EXPECT_THAT(text, HasSubstr("Column b has the type INTEGER in the file, which cannot be read as BOOLEAN"));
  EXPECT_THAT(text, HasSubstr("Column i has the type DECIMAL(3,1)"));
  EXPECT_THAT(text, HasSubstr("Column day has the type VARCHAR"));
  EXPECT_THAT(text, HasSubstr("Column v has the type INTEGER"));
  EXPECT_THAT(text, HasSubstr("Column j has the type DOUBLE in the file, which cannot be read as JSON"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("Column ok")));
}

TEST_F(ParquetTest, Materialize_ValueDoesNotFit_ReportsFileAndRow) {
  dataset_.schema = {{"i", ColumnType::integer}};
  const auto good = parquet("good.parquet", "SELECT 1 AS i FROM range(10)");
  // Row 250000 is in a later row group, which another thread may read in parallel.
  const auto bad = parquet(
      "bad.parquet", "SELECT CASE WHEN r = 249999 THEN 2147483648 ELSE r END AS i FROM range(300000) t(r)");
  const auto text = refusal({good, bad});
  EXPECT_THAT(text, HasSubstr("bad.parquet"));
  EXPECT_THAT(text, HasSubstr("Row 250000"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("good.parquet")));

  dataset_.schema = {{"j", ColumnType::json}};
  EXPECT_THAT(refusal({parquet("json.parquet", "SELECT unnest(['{}', '{a:1}']) AS j")}), HasSubstr("Row 2"));
}

TEST_F(ParquetTest, Materialize_InfiniteDate_IsRejected) {
  dataset_.schema = {{"d", ColumnType::date}};
  EXPECT_THAT(
      refusal({parquet("d.parquet", "SELECT unnest([DATE '2024-01-01', NULL, DATE 'infinity']) AS d")}),
      HasSubstr("Row 3"));
  dataset_.schema = {{"t", ColumnType::timestamp}};
  EXPECT_THAT(refusal({parquet("t.parquet", "SELECT unnest([TIMESTAMP '-infinity']) AS t")}),
              HasSubstr("Row 1"));
  EXPECT_THAT(refusal({parquet("z.parquet", "SELECT unnest([TIMESTAMPTZ 'infinity']) AS t")}),
              HasSubstr("Row 1"));
}

TEST_F(ParquetTest, Materialize_FooterRowCountDiffersFromManifest_IsRejected) {
  dataset_.schema = {{"n", ColumnType::bigint}};
  auto right = parquet("a.parquet", "SELECT range AS n FROM range(10)");
  auto wrong = parquet("b.parquet", "SELECT range AS n FROM range(10)");
  right.declared.row_count = 10;
  wrong.declared.row_count = 11;
  const auto text = refusal({right, wrong});
  EXPECT_THAT(text, HasSubstr("b.parquet: row_count_mismatch"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("a.parquet")));
  EXPECT_THAT(refusal({right}, 12), HasSubstr("The files have 10 rows, but the manifest declares 12"));
}

TEST_F(ParquetTest, Materialize_TruncatedFile_IsRejected) {
  dataset_.schema = {{"n", ColumnType::bigint}};
  auto file = parquet("t.parquet", "SELECT range AS n FROM range(10)");
  std::filesystem::resize_file(file.location, 50);
  EXPECT_THAT(refusal({file}), HasSubstr("t.parquet: schema_data_mismatch"));
}

TEST_F(ParquetTest, Materialize_FileNameLooksLikeAPattern_IsTakenLiterally) {
  dataset_.schema = {{"n", ColumnType::bigint}};
  static_cast<void>(parquet("part-1.parquet", "SELECT 1 AS n"));
  const auto file = parquet("part-[1]*?.parquet", "SELECT 2 AS n");
  EXPECT_EQ(answer({file}), R"([{"n":2}])");
}

TEST_F(ParquetTest, Materialize_ManifestWidensNumbers_IsAcceptedExceptForTenants) {
  dataset_.schema = {{"i", ColumnType::integer}, {"l", ColumnType::bigint}};
  const auto file = parquet("t.parquet", "SELECT unnest([3000000000, 5]) AS i, 0.5::DOUBLE AS l");
  manifest::Manifest manifest;
  manifest.schema = {{"i", ColumnType::bigint}, {"l", ColumnType::float64}};
  EXPECT_EQ(answer({file}, manifest), R"([{"i":5,"l":0.5},{"i":3000000000,"l":0.5}])");
  dataset_.tenant_column = 0;
  const auto attached = attach();
  ASSERT_FALSE(attached) << "a tenant is never widened";
  EXPECT_EQ(attached.error().code, ErrorCode::corrupt);
}

TEST_F(ParquetTest, Run_ExampleSnapshots_AreServed) {
  int found = 0;
  const auto root = std::filesystem::path(OFFLOADER_SOURCE_DIR) / "examples/public-metrics";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "data")) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in(entry.path());
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto parsed = manifest::parse_manifest(text, "manifest.json");
    ASSERT_TRUE(parsed.manifest) << entry.path();
    const auto files =
        manifest::resolve_files(*parsed.manifest, {entry.path().string(), root, false}, {}, "manifest.json");
    ASSERT_TRUE(files.findings.empty());
    dataset_.schema = parsed.manifest->schema;
    EXPECT_THAT(answer(files.files, *parsed.manifest), ::testing::StartsWith("[{")) << entry.path();
    ++found;
  }
  EXPECT_GT(found, 0);
}

}  // namespace
}  // namespace offloader::local_executor
