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

TEST(Manifest, Parse_ValidManifest_ReturnsEveryField) {
  const ParsedManifest parsed = parse_manifest(kSound, "m.json");
  ASSERT_TRUE(parsed.manifest.has_value()) << catalog::to_text(parsed.findings);
  EXPECT_EQ(parsed.manifest->dataset_id, "usage");
  EXPECT_EQ(parsed.manifest->schema.size(), 2U);
  EXPECT_EQ(parsed.manifest->files[0].row_count, 2);
  EXPECT_FALSE(parsed.manifest->files[0].size_bytes.has_value());
  EXPECT_EQ(parsed.manifest->watermark, "2026-01-30T23:59:00+01:00");
}

TEST(Manifest, Parse_InvalidField_IsAFindingWithCodeAndLine) {
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

TEST(Manifest, Parse_DeepNesting_IsRejected) {
  const ParsedManifest parsed =
      parse_manifest(with("[true]", std::string(100, '[') + std::string(100, ']')), "m.json");
  ASSERT_EQ(parsed.findings.size(), 1U);
  EXPECT_EQ(parsed.findings[0].code, "invalid_json");
}

catalog::Dataset contract(catalog::SizedType calls, std::optional<std::size_t> tenant = std::nullopt) {
  catalog::Dataset dataset;
  dataset.id = "usage";
  dataset.schema = {{"account", catalog::ColumnType::varchar}, {"calls", calls}};
  dataset.tenant_column = tenant;
  return dataset;
}

TEST(Compatibility, Check_NumericType_MayWidenButNotNarrow) {
  const Manifest manifest = *parse_manifest(kSound, "m.json").manifest;  // calls is BIGINT
  using catalog::ColumnType;
  EXPECT_THAT(check_against_contract(manifest, contract(ColumnType::bigint), "m"), ::testing::IsEmpty());
  EXPECT_THAT(check_against_contract(manifest, contract(ColumnType::integer), "m"), ::testing::IsEmpty());
  const auto narrowed = check_against_contract(manifest, contract(ColumnType::float64), "m");
  ASSERT_EQ(narrowed.size(), 1U);
  EXPECT_EQ(narrowed[0].code, "incompatible_schema");
  EXPECT_EQ(check_against_contract(manifest, contract(ColumnType::varchar), "m").size(), 1U);
}

TEST(Compatibility, Check_Decimal_MayWidenOnBothSidesOfThePoint) {
  using catalog::ColumnType;
  using catalog::decimal_type;
  using catalog::SizedType;
  struct Case {
    SizedType offered;
    SizedType wanted;
    bool fits;
  };
  for (const Case& c : std::vector<Case>{{decimal_type(12, 2), decimal_type(12, 2), true},
                                         {decimal_type(14, 4), decimal_type(12, 2), true},
                                         {decimal_type(13, 2), decimal_type(12, 2), true},
                                         {decimal_type(12, 3), decimal_type(12, 2), false},
                                         {decimal_type(12, 1), decimal_type(12, 2), false},
                                         {decimal_type(10, 0), ColumnType::integer, true},
                                         {decimal_type(9, 0), ColumnType::integer, false},
                                         {decimal_type(21, 2), ColumnType::bigint, true},
                                         {decimal_type(20, 2), ColumnType::bigint, false},
                                         {ColumnType::float64, decimal_type(12, 2), false},
                                         {ColumnType::bigint, decimal_type(12, 2), false},
                                         {decimal_type(12, 2), ColumnType::float64, false},
                                         {ColumnType::timestamptz, ColumnType::timestamp, false},
                                         {ColumnType::uuid, ColumnType::varchar, false}}) {
    Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
    manifest.schema[1].type = c.offered;
    const auto findings = check_against_contract(manifest, contract(c.wanted), "m");
    EXPECT_EQ(findings.empty(), c.fits) << name_of(c.offered) << " for " << name_of(c.wanted);
    if (c.offered == c.wanted) continue;
    EXPECT_EQ(check_against_contract(manifest, contract(c.wanted, 1), "m").size(), 1U) << name_of(c.offered);
  }
}

TEST(Manifest, Parse_DecimalTypes_AreReadOrExplained) {
  const auto typed = [](const std::string& type) {
    return parse_manifest(with("\"type\": \"BIGINT\"", "\"type\": \"" + type + "\""), "m.json");
  };
  EXPECT_EQ(typed("DECIMAL(12, 2)").manifest->schema[1].type, catalog::decimal_type(12, 2));
  EXPECT_EQ(typed("UUID").manifest->schema[1].type, catalog::SizedType(catalog::ColumnType::uuid));
  const auto findings = typed("DECIMAL(39,2)").findings;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].code, "unsupported_type");
  EXPECT_NE(findings[0].hint.find("DECIMAL(p,s)"), std::string::npos);
}

TEST(Compatibility, Check_TenantColumn_MustHaveTheExactType) {
  const Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  EXPECT_THAT(check_against_contract(manifest, contract(catalog::ColumnType::bigint, 1), "m"),
              ::testing::IsEmpty());
  EXPECT_EQ(check_against_contract(manifest, contract(catalog::ColumnType::integer, 1), "m").size(), 1U);
}

TEST(Compatibility, Check_ExtraColumn_IsRejectedOnlyUnderExact) {
  catalog::Dataset dataset = contract(catalog::ColumnType::bigint);
  std::vector<catalog::Column> columns = dataset.schema;
  columns.pop_back();
  dataset.schema = std::move(columns);
  Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  EXPECT_THAT(check_against_contract(manifest, dataset, "m"), ::testing::IsEmpty());
  manifest.compatibility = Compatibility::exact;
  EXPECT_EQ(check_against_contract(manifest, dataset, "m").size(), 1U);
}

TEST(ResolveFiles, Resolve_PathOutOfTheProject_IsRejected) {
  Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  for (const char* path : {"../../x.csv", "a/../../../x.csv", "/etc/passwd", "..", "a/..", "a/", "."}) {
    manifest.files[0].path = path;
    for (const ManifestOrigin& origin : {ManifestOrigin{"/srv/p/data/m.json", "/srv/p", false},
                                         ManifestOrigin{"s3://bucket/p/m.json", {}, true},
                                         ManifestOrigin{"https://host/p/m.json", {}, true}}) {
      const ResolvedFiles resolved = resolve_files(manifest, origin, {}, "m");
      ASSERT_EQ(resolved.findings.size(), 1U) << path;
      EXPECT_EQ(resolved.findings[0].code, "unsafe_path");
    }
  }
  for (const char* path : {"%2e%2E/x.csv", "a%2Fb.csv", "a\\b.csv", "a%5cb.csv", "x\n.csv"}) {
    manifest.files[0].path = path;
    EXPECT_EQ(resolve_files(manifest, {"https://host/p/m.json", {}, true}, {}, "m").findings.size(), 1U)
        << path;
  }
  for (const char* path : {"s3://bucket/../other/x.csv", "s3://bucket/./x.csv", "https://host/a/../x.csv",
                           "s3://bucket/%2e%2E/x.csv", "https://host/a/%2e%2e/x.csv",
                           "https://host/a/..%2fx.csv", "%2e%2e/x.csv", "a/%2E/x.csv", "..%2f..%2fx.csv"}) {
    manifest.files[0].path = path;
    const auto resolved = resolve_files(manifest, {"s3://bucket/p/m.json", {}, true}, {"https://host"}, "m");
    ASSERT_EQ(resolved.findings.size(), 1U) << path;
    EXPECT_EQ(resolved.findings[0].code, "unsafe_path");
  }
}

TEST(ResolveFiles, Resolve_DotDotInsideTheProject_IsAccepted) {
  Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  const auto location = [&](const char* path, const ManifestOrigin& origin) {
    manifest.files[0].path = path;
    const ResolvedFiles resolved = resolve_files(manifest, origin, {}, "m");
    return resolved.files.empty() ? catalog::to_text(resolved.findings) : resolved.files[0].location;
  };
  EXPECT_EQ(location("../x.csv", {"/srv/p/data/m.json", "/srv/p", false}), "/srv/p/x.csv");
  EXPECT_EQ(location("a/../x.csv", {"/srv/p/data/m.json", "/srv/p", false}), "/srv/p/data/x.csv");
  EXPECT_EQ(location("../x.csv", {"s3://bucket/p/q/m.json", {}, true}), "s3://bucket/p/x.csv");
  EXPECT_EQ(location("../../x.csv", {"s3://bucket/p/q/m.json", {}, true}), "s3://bucket/x.csv");
  EXPECT_EQ(location("a//../b.csv", {"gs://bucket/p/m.json", {}, true}), "gs://bucket/p/a/b.csv");
  EXPECT_EQ(location("../x.csv", {"https://host/p/m.json?sig=1", {}, true}), "https://host/x.csv");
}

TEST(ResolveFiles, Resolve_UnusualCharacters_AreKept) {
  Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  for (const std::string name :
       {"a\\b.csv", "a\\..\\b.csv", "100%.csv", "a%2Fb.csv", "a?b.csv", "a#b.csv", "a b.csv",
        "gr\u00fc\u00dfe.csv", "a\nb.csv", "a'b\"c.csv", "[a]*.csv", "..a.csv"}) {
    manifest.files[0].path = name;
    for (const auto& [folder, origin] :
         {std::pair{"/srv/p/data/", ManifestOrigin{"/srv/p/data/m.json", "/srv/p", false}},
          std::pair{"s3://bucket/p/", ManifestOrigin{"s3://bucket/p/m.json", {}, true}}}) {
      const ResolvedFiles resolved = resolve_files(manifest, origin, {}, "m");
      ASSERT_EQ(resolved.findings.size(), 0U) << catalog::to_text(resolved.findings);
      EXPECT_EQ(resolved.files.at(0).location, folder + name);
    }
  }
}

TEST(ResolveFiles, Resolve_BelowAnHttpUrl_EscapesThePath) {
  Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  for (const auto& [path, url] :
       {std::pair{"a b.csv", "a%20b.csv"}, std::pair{"a%20b.csv", "a%20b.csv"},
        std::pair{"100%.csv", "100%25.csv"}, std::pair{"a#b.csv", "a%23b.csv"},
        std::pair{"\u00fc.csv", "%C3%BC.csv"}, std::pair{"a.csv?sig=x%2By", "a.csv?sig=x%2By"},
        std::pair{"a%3Fb.csv", "a%3Fb.csv"}}) {
    manifest.files[0].path = path;
    const ResolvedFiles resolved = resolve_files(manifest, {"https://host/p/m.json", {}, true}, {}, "m");
    ASSERT_EQ(resolved.findings.size(), 0U) << path << catalog::to_text(resolved.findings);
    EXPECT_EQ(resolved.files.at(0).location, std::string("https://host/p/") + url);
  }
}

TEST(ResolveFiles, Resolve_FileNamedTwice_IsRejected) {
  Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  const auto codes = [&](const char* first, const char* second, const ManifestOrigin& origin) {
    manifest.files.resize(2);
    manifest.files[0].path = first;
    manifest.files[1].path = second;
    std::string out;
    for (const auto& finding : resolve_files(manifest, origin, {"https://host"}, "m").findings) {
      out += finding.code + " at " + finding.path;
    }
    return out;
  };
  const ManifestOrigin local{"/srv/p/data/m.json", "/srv/p", false};
  const ManifestOrigin bucket{"s3://bucket/p/m.json", {}, true};
  const ManifestOrigin web{"https://host/p/m.json", {}, true};
  const std::string twice = "duplicate_file at files[1].path";
  EXPECT_EQ(codes("a.csv", "a.csv", local), twice);
  EXPECT_EQ(codes("a.csv", "./a.csv", local), twice);
  EXPECT_EQ(codes("a.csv", "b/../a.csv", local), twice);
  EXPECT_EQ(codes("a.csv", "b//a.csv", local), "");
  EXPECT_EQ(codes("b/a.csv", "b//a.csv", local), twice);
  EXPECT_EQ(codes("a.csv", "s3://bucket/p/a.csv", bucket), twice);
  EXPECT_EQ(codes("../p/a.csv", "a.csv", bucket), twice);
  EXPECT_EQ(codes("b/a.csv", "b//a.csv", bucket), "") << "two keys";
  EXPECT_EQ(codes("%61.csv", "a.csv", web), twice);
  EXPECT_EQ(codes("a b.csv", "a%20b.csv", web), twice);
  EXPECT_EQ(codes("https://HOST:443/p/a.csv", "a.csv", web), twice);
  EXPECT_EQ(codes("a.csv?v=1", "a.csv?v=2", web), "");
}

TEST(ResolveFiles, Resolve_OriginNotAllowed_IsRejected) {
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

TEST(ResolveFiles, Resolve_RelativePath_IsNextToTheManifest) {
  Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  EXPECT_EQ(resolve_files(manifest, {"s3://bucket/p/m.json", {}, true}, {}, "m").files.at(0).location,
            "s3://bucket/p/part.csv");
  EXPECT_EQ(resolve_files(manifest, {"https://h/p/m.json?sig=a/b", {}, true}, {}, "m").files.at(0).location,
            "https://h/p/part.csv");
}

TEST(ResolveFiles, Resolve_SchemeInUpperCase_IsAWebUrl) {
  Manifest manifest = *parse_manifest(kSound, "m.json").manifest;
  const ManifestOrigin origin{"HTTPS://h/p/m.json?sig=a/b", {}, true};
  EXPECT_EQ(resolve_files(manifest, origin, {}, "m").files.at(0).location, "HTTPS://h/p/part.csv");
  manifest.files[0].path = "a b.csv";
  EXPECT_EQ(resolve_files(manifest, origin, {}, "m").files.at(0).location, "HTTPS://h/p/a%20b.csv");
  manifest.files[0].path = "a%2Fb.csv";
  EXPECT_EQ(resolve_files(manifest, origin, {}, "m").findings.at(0).code, "unsafe_path");
  manifest.files[0].path = "../../x.csv";
  EXPECT_EQ(resolve_files(manifest, origin, {}, "m").findings.at(0).message, "the path leaves the host");
}

// A file system resolves dot segments; an object store would look for them in the key.
TEST(ResolveFiles, Resolve_DotSegments_AreRemovedFromTheKey) {
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
