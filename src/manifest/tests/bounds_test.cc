#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "json_tree.h"
#include "offloader/base/testing/growth.h"
#include "offloader/manifest/manifest.h"

// Manifests designed to be expensive, or invalid in many places at once.
namespace offloader::manifest {
namespace {

std::string many(std::size_t bytes, const std::function<std::string(std::size_t)>& part) {
  std::string out;
  for (std::size_t i = 0; out.size() < bytes; ++i) out += (i > 0 ? "," : "") + part(i);
  return out;
}

std::string number(std::size_t i) {
  return std::to_string(i);
}

// A valid manifest with some members replaced or added.
std::string manifest_with(const std::map<std::string, std::string>& changes) {
  std::map<std::string, std::string> members = {{"dataset_id", "\"usage\""},
                                                {"snapshot_id", "\"s\""},
                                                {"created_at", "\"2026-01-31T00:00:00Z\""},
                                                {"watermark", "\"2026-01-31T00:00:00Z\""},
                                                {"schema", R"([{"name":"a","type":"DATE"}])"},
                                                {"files", R"([{"path":"a.csv","format":"csv"}])"},
                                                {"partition_columns", "[]"},
                                                {"sort_columns", "[]"},
                                                {"row_count", "1"},
                                                {"size_bytes", "1"},
                                                {"producer", "\"p\""},
                                                {"upstream_run_id", "\"r\""},
                                                {"schema_version", "1"},
                                                {"data_quality_status", "\"passed\""},
                                                {"compatibility_policy", "\"exact\""}};
  for (const auto& [name, value] : changes) members[name] = value;
  std::string out;
  for (const auto& [name, value] : members) out += (out.empty() ? "{\"" : ",\n\"") + name + "\":" + value;
  return out + "}";
}

struct Family {
  const char* name;
  std::function<std::string(std::size_t)> text;
  std::size_t bytes = 20'000;  // large enough for quadratic time to show next to the parser's own
};

std::vector<Family> families() {
  const auto column = [](std::size_t i) { return R"({"name":"c)" + number(i) + R"(","type":"DATE"})"; };
  return {
      {"members that nobody knows, and none that is required",
       [](std::size_t n) {
         return "{" + many(n, [](std::size_t i) { return "\"row_coun" + number(i) + "\":1"; }) + "}";
       }},
      {"files without what they need",
       [](std::size_t n) {
         return manifest_with(
             {{"files", "[" + many(n, [](std::size_t) { return R"({"pth":"a","fromat":"b"})"; }) + "]"}});
       }},
      {"unknown sort columns beside many columns",
       [=](std::size_t n) {
         return manifest_with({{"schema", "[" + many(n / 2, column) + "]"},
                               {"sort_columns", "[" + many(n / 2, [](std::size_t i) {
                                                  return "\"d" + number(i) + "\"";
                                                }) + "]"}});
       }},
      {"a key that is there many times below a long key",
       [](std::size_t n) {
         return manifest_with(
             {{"files", "[{\"" + std::string(n / 2, 'k') + "\":1,\"path\":\"a\",\"format\":\"csv\"," +
                            many(n / 2, [](std::size_t) { return "\"path\":1"; }) + "}]"}});
       }},
      {"many sort columns",
       [=](std::size_t n) {
         return manifest_with({{"schema", "[" + many(n / 2, column) + "]"},
                               {"sort_columns", "[" + many(n / 2, [](std::size_t i) {
                                                  return "\"c" + number(i) + "\"";
                                                }) + "]"}});
       },
       80'000},
  };
}

TEST(ManifestBounds, Parse_FourTimesAsLong_TakesAboutFourTimesAsLong) {
  for (const Family& family : families()) {
    const auto seconds_of = [&](std::size_t bytes) {
      const std::string text = family.text(bytes);
      return cpu_seconds([&] {
        const ParsedManifest parsed = parse_manifest(text, "m.json");
        if (parsed.manifest) (void)resolve_files(*parsed.manifest, {"s3://b/m.json", {}, true}, {}, "m.json");
      });
    };
    EXPECT_EQ(growth_beyond_linear(family.bytes, seconds_of), "") << family.name;
  }
}

TEST(ManifestBounds, CheckAgainstContract_ManyColumns_TakesLinearTime) {
  const auto seconds_of = [](std::size_t count) {
    Manifest manifest = *parse_manifest(manifest_with({}), "m.json").manifest;
    catalog::Dataset dataset;
    dataset.id = "usage";
    for (std::size_t i = 0; i < count; ++i) {
      manifest.schema.push_back({"c" + number(i), catalog::ColumnType::date});
      dataset.schema.push_back({"d" + number(i), catalog::ColumnType::date});
    }
    return cpu_seconds([&] {
      EXPECT_EQ(check_against_contract(manifest, dataset, "m").size(), catalog::kMaxFindingsPerFile + 1);
    });
  };
  EXPECT_EQ(growth_beyond_linear(1'000, seconds_of), "");
}

TEST(ManifestBounds, ResolveFiles_ManyFiles_TakesLinearTime) {
  Manifest manifest = *parse_manifest(manifest_with({}), "m.json").manifest;
  const auto seconds_of = [&](std::size_t count) {
    manifest.files.clear();
    for (std::size_t i = 0; i < count; ++i) manifest.files.emplace_back().path = number(i) + ".csv";
    return cpu_seconds([&] {
      EXPECT_EQ(resolve_files(manifest, {"s3://b/m.json", {}, true}, {}, "m.json").files.size(), count);
    });
  };
  EXPECT_EQ(growth_beyond_linear(2'000, seconds_of), "");
}

TEST(ManifestBounds, Parse_ManyErrors_ListsSomeAndCountsAll) {
  std::string files;
  for (std::size_t i = 0; i < 1'000; ++i)
    files += std::string(i > 0 ? "," : "") + "\n{\"path\":\"a\",\"format\":\"x\"}";
  const ParsedManifest parsed =
      parse_manifest(manifest_with({{"files", "[" + files + "]"}, {"producer", "\"\""}}), "m.json");
  EXPECT_FALSE(parsed.manifest);
  ASSERT_EQ(parsed.findings.size(), catalog::kMaxFindingsPerFile + 1);
  EXPECT_EQ(parsed.findings.back().code, "findings_omitted");
  EXPECT_THAT(parsed.findings.back().message, testing::HasSubstr("901 more errors are not listed"));
  EXPECT_EQ(catalog::count_findings(parsed.findings).errors, 1'001U);
}

TEST(ManifestBounds, Parse_ManyDuplicateKeys_ListsSomeAndCountsAll) {
  const std::string twice = "1" + many(8'000, [](std::size_t) { return "\"producer\":1"; }).insert(0, ",");
  const std::size_t count = static_cast<std::size_t>(std::ranges::count(twice, ','));
  const JsonTree tree = parse_json_tree(R"({"producer":)" + twice + "}", {});
  ASSERT_EQ(tree.error, "");
  EXPECT_EQ(tree.duplicates, count);
  EXPECT_EQ(tree.duplicate_keys.size(), kMaxDuplicates);
  const ParsedManifest parsed = parse_manifest(manifest_with({{"size_bytes", twice}}), "m.json");
  EXPECT_EQ(catalog::count_findings(parsed.findings).errors, count);
}

TEST(ManifestBounds, ParseJson_UnwantedValues_AreDropped) {
  const std::string annotation = "[" + many(2'000, [](std::size_t) { return "{\"a\":[1]}"; }) + "]";
  const std::string text =
      R"({"files":[{"path":"a","more":)" + annotation + R"(}],"known":1,"unknown":)" + annotation + "}";
  const std::vector<std::string> root = {"files", "known"};
  const std::vector<std::string> item = {"path"};
  const JsonTree tree = parse_json_tree(
      text, {.max_values = 10, .root = {.wanted = root}, .list = "files", .items = {.wanted = item}});
  ASSERT_EQ(tree.error, "");
  EXPECT_EQ(tree.root.members.size(), 2U);
  EXPECT_EQ(tree.root.find("files")->items.at(0).members.size(), 1U);
  EXPECT_THAT(parse_json_tree(text, {.max_values = 10}).error, testing::HasSubstr("more than 10 values"));
  EXPECT_TRUE(parse_manifest(manifest_with({{"annotation", annotation}}), "m.json").manifest);
}

TEST(ManifestBounds, Parse_MisspelledMember_IsNamedInTheHint) {
  const ParsedManifest parsed =
      parse_manifest(R"({"files":[{"pth":"a","format":"csv"}],"row_cont":[1]})", "m.json");
  std::string hints;
  for (const catalog::Finding& finding : parsed.findings) hints += finding.path + ": " + finding.hint + "\n";
  EXPECT_THAT(hints, testing::HasSubstr("files[0].path: rename \"pth\""));
  EXPECT_THAT(hints, testing::HasSubstr("row_count: rename \"row_cont\""));
}

TEST(ManifestBounds, Parse_LongTexts_AreShortenedInMessages) {
  // The parser quotes everything it has read of a text, up to the unexpected character.
  const ParsedManifest broken = parse_manifest("{\"a\": \"" + std::string(100'000, 'x') + "\n\"}", "m.json");
  ASSERT_EQ(broken.findings.size(), 1U);
  EXPECT_LT(broken.findings[0].message.size(), 400U);
  const ParsedManifest long_id =
      parse_manifest(manifest_with({{"dataset_id", "\"" + std::string(100'000, 'x') + "\""}}), "m.json");
  ASSERT_EQ(long_id.findings.size(), 1U);
  EXPECT_LT(long_id.findings[0].message.size(), 400U);
  const std::string long_key = "{\"" + std::string(100'000, 'k') + "\":1,";
  const JsonTree twice = parse_json_tree(long_key + long_key.substr(1) + "\"a\":1}", {});
  ASSERT_EQ(twice.duplicate_keys.size(), 1U);
  EXPECT_LT(twice.duplicate_keys[0].first.size(), 400U);
}

TEST(ManifestBounds, Parse_Over16Mebibytes_IsRejected) {
  const ParsedManifest parsed = parse_manifest(std::string(kMaxManifestBytes + 1, ' '), "m.json");
  ASSERT_EQ(parsed.findings.size(), 1U);
  EXPECT_EQ(parsed.findings[0].code, "invalid_json");
  EXPECT_THAT(parsed.findings[0].message, testing::HasSubstr("16 MiB"));
}

TEST(ManifestBounds, Parse_Cancelled_ReturnsNoManifest) {
  CancelFlag cancel;
  EXPECT_TRUE(parse_manifest(manifest_with({}), "m.json", &cancel).manifest);
  cancel.cancel();
  const ParsedManifest parsed = parse_manifest(manifest_with({}), "m.json", &cancel);
  EXPECT_TRUE(parsed.cancelled);
  EXPECT_FALSE(parsed.manifest);
  EXPECT_TRUE(parsed.findings.empty());
}

}  // namespace
}  // namespace offloader::manifest
