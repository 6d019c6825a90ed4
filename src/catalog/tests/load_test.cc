#include "offloader/catalog/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "offloader/base/crypto.h"
#include "offloader/catalog/origin.h"

namespace offloader::catalog {
namespace {

using ::testing::ElementsAre;
using Files = std::map<std::string, std::string>;

Files good() {
  return {
      {"offloader.yml",
       "version: 1\nkeys: keys/keys.yml\nallowed_origins: [HTTPS://Host:443/, 's3://Data']\n"},
      {"datasets/sales.yml",
       "id: sales\nmanifest: ./data//m.json\ntenant_column: account\n"
       "schema:\n  - {name: account, type: BIGINT}\n  - {name: day, type: DATE}\n  - {name: amount, type: "
       "DOUBLE}\n"},
      {"endpoints/totals.yml",
       "name: totals\nversion: 3\ndataset: sales\ntenant: {column: account}\nparams:\n"
       "  - {name: since, type: date, default: '2024-01-31'}\n"
       "  - {name: top, type: integer, max: 9, default: +7}\n"
       "combinations: [[top, since], []]\n"
       "query:\n  select:\n    - {as: day, column: day}\n    - {as: total, column: amount, agg: sum}\n"
       "  filters:\n    - {column: day, op: gte, param: since}\n    - {column: amount, op: lte, param: top}\n"
       "  group_by: [day]\n  order_by: [{column: total, dir: desc}]\n"
       "columns: [total, day]\npagination: {max_limit: 60}\ncache: {policy: snapshot}\n"},
      {"keys/keys.yml", "keys:\n  - {id: one, hash: " + std::string(64, 'a') +
                            ", tenant: 42, endpoints: [totals], status: active}\n"}};
}

std::string told(const Files& files) {
  return to_text(load_project_files(files).findings);
}

TEST(LoadProject, Load_ValidProject_ReturnsItsCatalog) {
  const LoadedProject loaded = load_project_files(good());
  ASSERT_EQ(to_text(loaded.findings), "");
  const Catalog& catalog = *loaded.catalog;
  EXPECT_THAT(catalog.allowed_origins, ElementsAre("https://host", "s3://Data"));
  const Endpoint& endpoint = catalog.endpoints.at("totals");
  const Dataset& dataset = catalog.dataset_of(endpoint);
  EXPECT_EQ(std::get<StaticManifest>(dataset.origin).location, "data/m.json");
  EXPECT_EQ(dataset.tenant_column, 0U);
  EXPECT_TRUE(endpoint.tenant_scoped);
  EXPECT_EQ(endpoint.version, 3);
  EXPECT_EQ(endpoint.params[0].default_value, "2024-01-31");
  EXPECT_EQ(endpoint.params[1].default_value, "7");
  EXPECT_THAT(endpoint.combinations, ElementsAre(ElementsAre(0U, 1U), ElementsAre()));
  EXPECT_EQ(endpoint.select[1].aggregate, Aggregate::sum);
  EXPECT_EQ(endpoint.filters[1].op, FilterOp::lte);
  EXPECT_THAT(endpoint.group_by, ElementsAre(0U));
  EXPECT_TRUE(endpoint.order_by[0].descending);
  EXPECT_EQ(endpoint.default_limit, 50);
  EXPECT_EQ(endpoint.max_limit, 60);
  EXPECT_EQ(endpoint.cache, CachePolicy::snapshot);
  EXPECT_EQ(catalog.keys[0].tenant, "42");
  EXPECT_EQ(catalog.config_version.size(), 16U);
}

TEST(LoadProject, ConfigVersion_FileChanged_IsDifferent) {
  Files other = good();
  other["datasets/sales.yml"] += "description: more\n";
  EXPECT_NE(load_project_files(other).catalog->config_version,
            load_project_files(good()).catalog->config_version);
}

TEST(LoadProject, Load_ChainOfEnumAliases_ResolvesToTheValue) {
  Files files = good();
  std::string& text = files["endpoints/totals.yml"];
  text.insert(text.find("combinations"),
              "  - {name: area, type: enum, enum: [EU], aliases: {e: EU, f: e}}\n");
  const LoadedProject loaded = load_project_files(files);
  ASSERT_TRUE(loaded.catalog) << to_text(loaded.findings);
  EXPECT_EQ(loaded.catalog->endpoints.at("totals").params[2].aliases.at("f"), "EU");
}

TEST(LoadProject, Load_AliasBombOrDeepNesting_IsRejected) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    std::string line = "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 9; ++j) line += ", " + last;
    bomb += line + "]\n";
  }
  for (const std::string& text : {bomb, std::string(100000, '['), std::string("a: &a [*a]\n")}) {
    Files files = good();
    files["datasets/bad.yml"] = text;
    EXPECT_THAT(told(files), ::testing::HasSubstr("datasets/bad.yml:")) << text.substr(0, 20);
    EXPECT_THAT(told(files), ::testing::HasSubstr("yaml_error"));
  }
}

TEST(LoadProject, Load_FileOverOneMebibyte_IsRejected) {
  Files files = good();
  files["datasets/big.yml"] = "#" + std::string(std::size_t{1} << 20, 'x');
  EXPECT_THAT(told(files), ::testing::StartsWith("datasets/big.yml: yaml_error"));
}

TEST(LoadProject, Load_LinkOutOfTheProject_IsRejected) {
  namespace fs = std::filesystem;
  const fs::path base = fs::temp_directory_path() / ("offloader-catalog-" + random_hex(8));
  const fs::path root = base / "project";
  for (const auto& [name, text] : good()) {
    fs::create_directories((root / name).parent_path());
    std::ofstream(root / name) << text;
  }
  EXPECT_EQ(to_text(load_project(root).findings), "");
  fs::rename(root / "datasets/sales.yml", base / "sales.yml");
  fs::create_symlink(base / "sales.yml", root / "datasets/sales.yml");
  EXPECT_THAT(to_text(load_project(root / "offloader.yml").findings),
              ::testing::StartsWith("datasets/sales.yml: unsafe_path"));
  fs::remove_all(base);
}

TEST(Findings, ToJson_Warning_HasItsSeverity) {
  EXPECT_EQ(
      to_json({{"a.yml", 2, "x", "missing", "say \"x\"", "", Severity::warning}}),
      R"([{"file":"a.yml","line":2,"path":"x","code":"missing","severity":"warning","message":"say \"x\""}])");
}

TEST(LoadProject, Load_ManifestUrlWithEscapedDots_IsUnsafe) {
  for (const char* url :
       {"s3://b/../m.json", "s3://b/a/./m.json", "s3://b/%2e%2E/m.json", "gs://b/a%2f..%2fm.json",
        "https://h/%2e%2e/m.json", "https://h/a/..%2Fm.json?sig=x"}) {
    Files files = good();
    std::string& text = files["datasets/sales.yml"];
    const std::size_t line = text.find("manifest:");
    ASSERT_NE(line, std::string::npos);
    text.replace(line, text.find('\n', line) - line, std::string("manifest: \"") + url + "\"");
    const LoadedProject loaded = load_project_files(files);
    ASSERT_EQ(loaded.findings.size(), 1U) << url << to_text(loaded.findings);
    EXPECT_EQ(loaded.findings[0].code, "unsafe_path") << url;
  }
}

TEST(Origins, Normalize_AnySpelling_ReturnsTheCanonicalOne) {
  EXPECT_EQ(normalize_origin("gcs://b"), "gs://b");
  EXPECT_EQ(normalize_origin("http://Host:080"), "http://host");
  EXPECT_EQ(normalize_origin("https://[::1]:8443"), "https://[::1]:8443");
  EXPECT_EQ(origin_of_url("https://host/a?b"), "https://host");
  for (const char* bad :
       {"", "host", "https://", "https://u@h", "https://h:0", "https://h:x", "s3://b/k", "file://x"}) {
    EXPECT_EQ(normalize_origin(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace offloader::catalog
