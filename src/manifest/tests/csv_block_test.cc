#include <gmock/gmock.h>

#include "offloader/manifest/manifest.h"

namespace offloader::manifest {
namespace {

ParsedManifest parse(const std::string& csv) {
  return parse_manifest(R"({"dataset_id": "d", "snapshot_id": "s", "created_at": "2026-01-31T00:00:00Z",
"watermark": "2026-01-31T00:00:00Z", "schema": [{"name": "order_id", "type": "BIGINT", "from": "Order ID"}],
"files": [{"path": "a.csv", "format": "csv"}], "partition_columns": [], "sort_columns": [], "row_count": 1,
"size_bytes": 1, "producer": "p", "upstream_run_id": "r", "schema_version": 1, "data_quality_status": "passed",
"compatibility_policy": "additive_only",
"csv": )" + csv + "}",
                        "m.json");
}

TEST(CsvBlock, Read_ValidBlock_ReturnsEveryField) {
  const auto parsed = parse(
      R"({"delimiter": ";", "quote": "'", "escape": "\\", "encoding": "Latin-1", "null": ["", "NA"],
          "header": false, "decimal": ",", "date_format": "%d.%m.%Y", "timestamp_format": "%Y%m%d %H%M%S"})");
  ASSERT_TRUE(parsed.manifest) << catalog::to_text(parsed.findings);
  const CsvDialect& csv = parsed.manifest->csv;
  EXPECT_EQ(csv.delimiter, ';');
  EXPECT_EQ(csv.quote, '\'');
  EXPECT_EQ(csv.escape, '\\');
  EXPECT_EQ(csv.encoding, CsvEncoding::latin1);
  EXPECT_THAT(csv.nulls, testing::ElementsAre("", "NA"));
  EXPECT_FALSE(csv.header);
  EXPECT_EQ(csv.decimal, ',');
  EXPECT_EQ(csv.date_format, "%d.%m.%Y");
  EXPECT_EQ(csv.timestamp_format, "%Y%m%d %H%M%S");
  EXPECT_EQ(parsed.manifest->schema[0].from, "Order ID");
}

TEST(CsvBlock, Read_AbsentFields_HaveTheDefaults) {
  for (const char* text : {"{}", "null", R"({"delimiter": null, "header": null})"}) {
    const auto parsed = parse(text);
    ASSERT_TRUE(parsed.manifest) << catalog::to_text(parsed.findings);
    EXPECT_EQ(parsed.manifest->csv, CsvDialect{}) << text;
  }
  EXPECT_EQ(parse(R"({"quote": ""})").manifest->csv.escape, '\0');
  EXPECT_EQ(parse(R"({"delimiter": "\t"})").manifest->csv.delimiter, '\t');
}

TEST(CsvBlock, Read_InvalidField_IsAFinding) {
  struct Case {
    const char* csv;
    const char* code;
    const char* path;
  };
  for (const Case& c : std::vector<Case>{
           {"[]", "invalid_type", "csv"},
           {R"({"delimeter": ";"})", "unknown_field", "csv.delimeter"},
           {R"({"delimiter": ";;"})", "invalid_value", "csv.delimiter"},
           {R"({"delimiter": "1"})", "invalid_value", "csv.delimiter"},
           {R"({"delimiter": 1})", "invalid_type", "csv.delimiter"},
           {R"({"quote": ","})", "invalid_value", "csv.quote"},
           {R"({"escape": ","})", "invalid_value", "csv.escape"},
           {R"({"quote": "", "escape": "\\"})", "invalid_value", "csv.escape"},
           {R"({"encoding": "shift-jis"})", "invalid_value", "csv.encoding"},
           {R"({"null": []})", "invalid_value", "csv.null"},
           {R"({"null": ["NA", "a,b"]})", "invalid_value", "csv.null"},
           {R"({"null": ["NA", 0]})", "invalid_value", "csv.null"},
           {R"({"null": 0})", "invalid_value", "csv.null"},
           {R"({"header": "no"})", "invalid_type", "csv.header"},
           {R"({"decimal": ";"})", "invalid_value", "csv.decimal"},
           {R"({"date_format": "%d.%m"})", "invalid_value", "csv.date_format"},
           {R"({"timestamp_format": "%Y-%m-%d %Q"})", "invalid_value", "csv.timestamp_format"},
       }) {
    const auto parsed = parse(c.csv);
    ASSERT_EQ(parsed.findings.size(), 1U) << c.csv << catalog::to_text(parsed.findings);
    EXPECT_EQ(parsed.findings[0].code, c.code) << c.csv;
    EXPECT_EQ(parsed.findings[0].path, c.path) << c.csv;
  }
  EXPECT_THAT(parse(R"({"encoding": "shift-jis"})").findings[0].message, testing::HasSubstr("windows-1252"));
}

}  // namespace
}  // namespace offloader::manifest
