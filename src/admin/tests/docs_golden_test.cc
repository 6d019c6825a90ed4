#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "docs_page.h"
#include "endpoint_docs.h"
#include "offloader/catalog/load.h"
#include "openapi.h"
#include "param_docs.h"

// What /docs, /schema and /openapi.json return for the project in dev/openapi/fixture, which has every kind
// of param and column. OFFLOADER_UPDATE_GOLDEN=1 rewrites the golden files; review the diff.
namespace offloader::admin {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUrl = "http://localhost:4000";

std::shared_ptr<const serving::Generation> generation_of(const fs::path& project) {
  const catalog::LoadedProject loaded = catalog::load_project(project);
  if (loaded.catalog == nullptr) {
    ADD_FAILURE() << catalog::to_text(loaded.findings);
    return serving::starting_generation();
  }
  return serving::make_generation(loaded.catalog, {}, nullptr);
}

std::shared_ptr<const serving::Generation> fixture() {
  return generation_of(fs::path(OFFLOADER_SOURCE_DIR) / "dev/openapi/fixture");
}

void expect_golden(const std::string& name, const std::string& text) {
  const fs::path file = fs::path(OFFLOADER_SOURCE_DIR) / "src/admin/tests/golden" / name;
  if (std::getenv("OFFLOADER_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file) << text;
    return;
  }
  std::ostringstream golden;
  golden << std::ifstream(file).rdbuf();
  EXPECT_EQ(text, golden.str()) << name;
}

TEST(DocsGolden, Docs_Fixture_MatchesTheGoldenFile) {
  expect_golden("docs.json", docs_json(*fixture(), kUrl).dump(2) + "\n");
}

TEST(DocsGolden, Schema_Fixture_MatchesTheGoldenFile) {
  expect_golden("schema.json", schema_json(*fixture()).dump(2) + "\n");
}

TEST(DocsGolden, OpenApi_Fixture_MatchesTheGoldenFile) {
  expect_golden("openapi.json", openapi_json(*fixture(), kUrl).dump(2) + "\n");
}

TEST(Docs, ProjectWithKeys_ShowsHowToSendOneAndNoSecrets) {
  const auto generation = generation_of(fs::path(OFFLOADER_SOURCE_DIR) / "examples/customer-analytics");
  const Json docs = docs_json(*generation, kUrl);
  EXPECT_EQ(docs["auth"]["mode"], "required");
  EXPECT_EQ(docs["auth"]["scheme"], "bearer");
  EXPECT_EQ(docs["endpoints"][0]["auth"], "bearer, tenant-scoped");
  for (const auto& [language, snippet] : docs["endpoints"][0]["snippets"].items()) {
    // A browser has no environment.
    const char* const key = language == "browser" ? "`Bearer ${key}`" : "OFFLOADER_KEY";
    EXPECT_THAT(snippet.get<std::string>(), ::testing::HasSubstr(key)) << language;
  }
  const Json schema = schema_json(*generation);
  EXPECT_EQ(schema["endpoints"][0]["public"], false);
  EXPECT_EQ(schema["endpoints"][0]["tenant_scoped"], true);
  // The docs must reveal neither tenants nor keys nor the tenant column.
  for (const std::string& text :
       {docs.dump(), schema.dump(), openapi_json(*generation, kUrl).dump(), docs_page(docs, "n")}) {
    for (const char* secret : {"acme", "globex", "tenant_id", "f4c135cacc2ba83b"})
      EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr(secret)));
  }
}

TEST(DocsPage, TextOfAProject_IsEscaped) {
  const std::string page = docs_page(docs_json(*fixture(), kUrl), "n");
  EXPECT_THAT(page,
              ::testing::HasSubstr("Orders with &lt;b&gt;everything&lt;/b&gt; &amp; &quot;quotes&quot;"));
  EXPECT_THAT(page, ::testing::Not(::testing::HasSubstr("<b>everything")));
}

TEST(DocsPage, Paging_EndpointWithCursors_SaysHowToGetAllPages) {
  Json docs = docs_json(*fixture(), kUrl);
  const auto pages = [&] { return docs_page(docs, "n"); };
  EXPECT_THAT(pages(), ::testing::ContainsRegex("All pages.*<code>meta.snapshot_changed</code>"));
  for (Json& endpoint : docs["endpoints"]) {
    const bool cursors = endpoint["name"] == "orders";
    EXPECT_EQ(endpoint["pagination"].contains("cursor"), cursors) << endpoint["name"];
    if (cursors) endpoint["pagination"]["cursor"] = "strict";
  }
  EXPECT_THAT(pages(), ::testing::ContainsRegex("All pages.*410 <code>cursor_expired</code>: begin again"));
  for (Json& endpoint : docs["endpoints"]) endpoint["pagination"].erase("cursor");
  EXPECT_THAT(pages(), ::testing::Not(::testing::HasSubstr("All pages")));
}

TEST(DocsPage, DescriptionOfAParam_ShowsPairsOfBackticksAsCode) {
  Json docs = docs_json(*fixture(), kUrl);
  docs["endpoints"][0]["params"][0]["description"] = "as `a<b`, `c` and 5` wide";
  EXPECT_THAT(docs_page(docs, "n"),
              ::testing::HasSubstr("as <code>a&lt;b</code>, <code>c</code> and 5` wide"));
}

TEST(ExampleValue, StringComparedWithANumber_IsANumber) {
  const auto generation = fixture();
  const serving::ServedEndpoint& orders = generation->endpoints.find("orders")->second;
  EXPECT_EQ(orders.contract->params[3].name, "least");
  EXPECT_EQ(example_value(*orders.contract, *orders.dataset, 3), "12.50");
  EXPECT_EQ(example_query(*orders.contract, *orders.dataset), "?shop=3");
}

TEST(ExampleParams, Combinations_UsesTheFirstWithEveryRequiredParam) {
  catalog::Endpoint endpoint;
  endpoint.params.resize(3);
  endpoint.params[1].required = true;
  EXPECT_EQ(example_params(endpoint), std::vector<std::size_t>{1});
  endpoint.combinations = {{0}, {0, 1}, {1, 2}};
  EXPECT_EQ(example_params(endpoint), (std::vector<std::size_t>{0, 1}));
}

TEST(QueryValue, Encode_ReservedAndNonAscii_ArePercentEncodedByByte) {
  EXPECT_EQ(encode_query_value("a b+c&d=é/"), "a%20b%2Bc%26d%3D%C3%A9%2F");
}

}  // namespace
}  // namespace offloader::admin
