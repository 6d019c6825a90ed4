#include "offloader/manifest/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace offloader::manifest {
namespace {

constexpr const char* kSound = R"({
  "dataset_id": "usage",
  "snapshot_id": "2026-01-31",
  "created_at": "2026-01-31T00:00:00Z",
  "watermark": "2026-01-30T23:59:00+01:00",
  "schema": [{"name": "account", "type": "VARCHAR"}, {"name": "calls", "type": "BIGINT"}],
  "files": [{"path": "part.csv", "format": "csv", "row_count": 2}],
  "partition_columns": [],
  "sort_columns": ["account"],
  "row_count": 2,
  "size_bytes": 20,
  "producer": "job",
  "upstream_run_id": "run-1",
  "schema_version": 1,
  "data_quality_status": "passed",
  "compatibility_policy": "additive_only",
  "extra": {"ignored": [true]}
})";

std::string with(const std::string& from, const std::string& to) {
  std::string text = kSound;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Manifest, ASoundOneIsReadWhole) {
  const ParsedManifest parsed = parse_manifest(kSound, "m.json");
  ASSERT_TRUE(parsed.manifest.has_value()) << catalog::to_text(parsed.findings);
  EXPECT_EQ(parsed.manifest->dataset_id, "usage");
  EXPECT_EQ(parsed.manifest->schema.size(), 2U);
  EXPECT_EQ(parsed.manifest->files[0].row_count, 2);
  EXPECT_FALSE(parsed.manifest->files[0].size_bytes.has_value());
  EXPECT_EQ(parsed.manifest->watermark, "2026-01-30T23:59:00+01:00");
}

TEST(Manifest, AWrongFieldIsFoundWithItsCodeAndLine) {
  struct Case {
    const char* from;
    const char* to;
    const char* code;
    const char* path;
    int line;
  };
  for (const Case& c : std::vector<Case>{
           {"\"snapshot_id\": \"2026-01-31\"", "\"snapshot_id\": \"a b\"", "invalid_snapshot_id",
            "snapshot_id", 3},
           {"2026-01-31T00:00:00Z", "2026-01-31T00:00:00", "invalid_timestamp", "created_at", 4},
           {"\"type\": \"BIGINT\"", "\"type\": \"BIGIN\"", "unsupported_type", "schema[1].type", 6},
           {"\"calls\"", "\"ACCOUNT\"", "duplicate_column", "schema[1].name", 6},
           {"\"calls\"", "\"ca lls\"", "unsafe_identifier", "schema[1].name", 6},
           {"[\"account\"]", "[\"acount\"]", "unknown_column", "sort_columns[0]", 9},
           {"\"row_count\": 2,\n", "\"row_count\": -2,\n", "invalid_value", "row_count", 10},
           {"\"producer\": \"job\"", "\"producer\": \"\"", "invalid_value", "producer", 12},
           {"\"producer\": \"job\",\n", "", "missing", "producer", 1},
           {"\"schema_version\": 1", "\"schema_version\": \"1\"", "invalid_type", "schema_version", 14},
           {"\"additive_only\"", "\"additive\"", "invalid_compatibility_policy", "compatibility_policy", 16},
           {"\"size_bytes\": 20", "\"dataset_id\": \"x\", \"size_bytes\": 20", "duplicate_key", "dataset_id",
            11},
           {"\"format\": \"csv\"", "\"format\": \"orc\"", "invalid_value", "files[0].format", 7},
           {"\"extra\": {", "\"extra\": {,", "invalid_json", "", 17},
       }) {
    const ParsedManifest parsed = parse_manifest(with(c.from, c.to), "m.json");
    ASSERT_EQ(parsed.findings.size(), 1U) << c.to << "\n" << catalog::to_text(parsed.findings);
    EXPECT_FALSE(parsed.manifest.has_value());
    EXPECT_EQ(parsed.findings[0].code, c.code) << c.to;
    EXPECT_EQ(parsed.findings[0].path, c.path) << c.to;
    EXPECT_EQ(parsed.findings[0].line, c.line) << c.to;
  }
}

TEST(Manifest, DepthIsBounded) {
  const ParsedManifest parsed =
      parse_manifest(with("[true]", std::string(100, '[') + std::string(100, ']')), "m.json");
  ASSERT_EQ(parsed.findings.size(), 1U);
  EXPECT_EQ(parsed.findings[0].code, "invalid_json");
}

catalog::Dataset contract(catalog::ColumnType calls, std::optional<std::size_t> tenant = std::nullopt) {
  catalog::Dataset dataset;
  dataset.id = "usage";
  dataset.schema = {{"account", catalog::ColumnType::varchar}, {"calls", calls}};
  dataset.tenant_column = tenant;
  return dataset;
}

TEST(Compatibility, NumbersMayWidenAndNeverNarrow) {
  const Manifest manifest = *parse_manifest(kSound, "m.json").manifest;  // calls is BIGINT
  using catalog::ColumnType;
  EXPECT_THAT(check_against_contract(manifest, contract(ColumnType::bigint), "m"), ::testing::IsEmpty());
  EXPECT_THAT(check_against_contract(manifest, contract(ColumnType::integer), "m"), ::testing::IsEmpty());
  const auto narrowed = check_against_contract(manifest, contract(ColumnType::float64), "m");
  ASSERT_EQ(narrowed.size(), 1U);
  EXPECT_EQ(narrowed[0].code, "incompatible_schema");
  EXPECT_EQ(check_against_contract(manifest, contract(ColumnType::varchar), "m").size(), 1U);
}

TEST(Compatibility, TheTenantColumnsTypeIsExact) {
  const Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  EXPECT_THAT(check_against_contract(manifest, contract(catalog::ColumnType::bigint, 1), "m"),
              ::testing::IsEmpty());
  EXPECT_EQ(check_against_contract(manifest, contract(catalog::ColumnType::integer, 1), "m").size(), 1U);
}

TEST(Compatibility, AnExtraColumnIsRefusedUnderExactAlone) {
  catalog::Dataset dataset = contract(catalog::ColumnType::bigint);
  dataset.schema.pop_back();
  Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  EXPECT_THAT(check_against_contract(manifest, dataset, "m"), ::testing::IsEmpty());
  manifest.compatibility = Compatibility::exact;
  EXPECT_EQ(check_against_contract(manifest, dataset, "m").size(), 1U);
}

TEST(ResolveFiles, PathsThatLeaveTheirFolderAreRefused) {
  Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  for (const char* path : {"../x.csv", "a/../../x.csv", "/etc/passwd", "a\\..\\x.csv", "x\n.csv", ".."}) {
    manifest.files[0].path = path;
    for (const ManifestOrigin& origin : {ManifestOrigin{"/srv/p/data/m.json", "/srv/p", false},
                                         ManifestOrigin{"s3://bucket/p/m.json", {}, true}}) {
      const ResolvedFiles resolved = resolve_files(manifest, origin, {}, "m");
      ASSERT_EQ(resolved.findings.size(), 1U) << path;
      EXPECT_EQ(resolved.findings[0].code, "unsafe_path");
    }
  }
  manifest.files[0].path = "%2e%2E/x.csv";
  EXPECT_EQ(resolve_files(manifest, {"https://host/p/m.json", {}, true}, {}, "m").findings.size(), 1U);
}

TEST(ResolveFiles, UrlsMustBeOfAnAllowedOrigin) {
  Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  manifest.files[0].path = "s3://other/x.csv";
  const ManifestOrigin origin{"s3://bucket/p/m.json", {}, true};
  ASSERT_EQ(resolve_files(manifest, origin, {}, "m").findings.size(), 1U);
  EXPECT_EQ(resolve_files(manifest, origin, {}, "m").findings[0].code, "origin_not_allowed");
  EXPECT_EQ(resolve_files(manifest, origin, {"s3://other"}, "m").files.at(0).location, "s3://other/x.csv");
  manifest.files[0].path = "s3://bucket/elsewhere/x.csv";
  EXPECT_TRUE(resolve_files(manifest, origin, {}, "m").findings.empty());
  manifest.files[0].path = "file:///etc/passwd";
  EXPECT_EQ(resolve_files(manifest, origin, {"s3://other"}, "m").findings.size(), 1U);
}

TEST(ResolveFiles, ARelativePathIsBesideTheManifest) {
  Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  EXPECT_EQ(resolve_files(manifest, {"s3://bucket/p/m.json", {}, true}, {}, "m").files.at(0).location,
            "s3://bucket/p/part.csv");
  EXPECT_EQ(resolve_files(manifest, {"https://h/p/m.json?sig=a/b", {}, true}, {}, "m").files.at(0).location,
            "https://h/p/part.csv");
}

// What a file system takes away, a bucket would look for as a part of the key.
TEST(ResolveFiles, DotsAreNoPartOfAKey) {
  Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  for (const auto& [path, key] : {std::pair{"./part.csv", "part.csv"}, std::pair{"a/././b.csv", "a/b.csv"},
                                  std::pair{"a//b.csv", "a//b.csv"}, std::pair{"a/.b.csv", "a/.b.csv"}}) {
    manifest.files[0].path = path;
    for (const char* const scheme : {"s3://bucket/p/", "gs://bucket/p/", "https://host/p/"}) {
      const auto resolved = resolve_files(manifest, {std::string(scheme) + "m.json", {}, true}, {}, "m");
      EXPECT_EQ(resolved.files.at(0).location, std::string(scheme) + key);
      EXPECT_EQ(resolved.files[0].declared.path, path);
    }
  }
  manifest.files[0].path = "./.";
  EXPECT_EQ(resolve_files(manifest, {"s3://bucket/p/m.json", {}, true}, {}, "m").findings.at(0).code,
            "unsafe_path");
}

}  // namespace
}  // namespace offloader::manifest
