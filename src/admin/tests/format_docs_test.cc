#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "choice_docs.h"
#include "cursor_docs.h"
#include "format_docs.h"
#include "format_snippets.h"

// What the documentation says about formats and exports.
namespace offloader::admin {
namespace {

using catalog::Endpoint;
using catalog::Format;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kUrl = "http://localhost:4000/v1/endpoints/orders?shop=1";

Endpoint endpoint_with(std::vector<Format> formats, std::int64_t max_rows = 0) {
  Endpoint endpoint;
  endpoint.name = "orders";
  endpoint.max_limit = 500;
  endpoint.formats.insert(endpoint.formats.end(), formats.begin(), formats.end());
  if (max_rows > 0) endpoint.exports = catalog::ExportOffer{.max_rows = max_rows};
  return endpoint;
}

Json snippets_for(const Endpoint& endpoint, bool open = true) {
  Json snippets = Json::object();
  add_format_snippets(snippets, endpoint, open, kUrl);
  return snippets;
}

std::vector<std::string> names_of(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

TEST(FormatSnippets, Formats_DecideWhichThereAre) {
  EXPECT_THAT(names_of(snippets_for(endpoint_with({}))), IsEmpty());
  EXPECT_THAT(names_of(snippets_for(endpoint_with({Format::ndjson}))), ElementsAre("browser"));
  EXPECT_THAT(names_of(snippets_for(endpoint_with({Format::arrow}))), ElementsAre("polars", "browser"));
  EXPECT_THAT(names_of(snippets_for(endpoint_with({Format::parquet}))),
              ElementsAre("pandas", "duckdb", "browser"));
  EXPECT_THAT(names_of(snippets_for(endpoint_with({Format::csv}))),
              ElementsAre("pandas", "polars", "duckdb", "browser"));
}

TEST(FormatSnippets, CsvAlone_IsReadAsCsv) {
  const Json snippets = snippets_for(endpoint_with({Format::csv}));
  EXPECT_THAT(snippets["polars"].get<std::string>(), HasSubstr("polars.read_csv("));
  EXPECT_THAT(snippets["duckdb"].get<std::string>(), HasSubstr("FROM read_csv('orders.csv')"));
}

TEST(FormatSnippets, Limit_IsThatOfExportsIfThereAreAny) {
  const Json pages = snippets_for(endpoint_with({Format::csv}));
  EXPECT_THAT(pages["pandas"].get<std::string>(), HasSubstr("?shop=1&format=csv\""));
  const Json exports = snippets_for(endpoint_with({Format::csv}, 1000000));
  EXPECT_THAT(exports["pandas"].get<std::string>(), HasSubstr("?shop=1&format=csv&limit=1000000\""));
}

TEST(FormatSnippets, Browser_IsALinkOnlyWithoutKeys) {
  const Endpoint endpoint = endpoint_with({Format::csv, Format::parquet});
  EXPECT_EQ(snippets_for(endpoint)["browser"],
            "<a href=\"http://localhost:4000/v1/endpoints/orders?shop=1&amp;format=csv\" "
            "download>orders.csv</a>\n");
  const std::string with_key = snippets_for(endpoint, false)["browser"].get<std::string>();
  EXPECT_THAT(with_key,
              HasSubstr("fetch(\"http://localhost:4000/v1/endpoints/orders?shop=1&format=csv\", {"));
  EXPECT_THAT(with_key, Not(HasSubstr("href=\"")));
}

TEST(FormatDocs, Limit_ExportsHaveABoundOfTheirOwn) {
  EXPECT_EQ(limit_schema(endpoint_with({Format::csv}))["maximum"], 500);
  EXPECT_EQ(limit_description(endpoint_with({Format::csv})), "The most rows to return.");
  const Endpoint exporting = endpoint_with({Format::csv}, 2000);
  EXPECT_EQ(limit_schema(exporting)["maximum"], 2000);
  EXPECT_EQ(limit_description(exporting),
            "The most rows to return: up to 500 in JSON, and up to 2000 in the other formats.");
}

TEST(FormatDocs, Entry_HasWhatTheEndpointOffers) {
  const auto entry_of = [](const Endpoint& endpoint) {
    Json entry = Json::object();
    add_format_docs(entry, endpoint);
    return entry.dump();
  };
  EXPECT_EQ(entry_of(endpoint_with({})), "{}");
  EXPECT_EQ(entry_of(endpoint_with({Format::csv})), R"({"formats":["json","csv"]})");
  EXPECT_EQ(entry_of(endpoint_with({Format::csv}, 2000)),
            R"({"formats":["json","csv"],"export":{"max_rows":2000}})");
}

TEST(FormatDocs, Response_TrailersAreThoseOfExports) {
  const auto response_of = [](const Endpoint& endpoint) {
    Json response = {{"description", "A page of rows."}};
    add_formats(response, endpoint);
    return response;
  };
  EXPECT_EQ(response_of(endpoint_with({})).size(), 1U);
  const Json pages = response_of(endpoint_with({Format::csv}));
  EXPECT_THAT(names_of(pages["content"]), ElementsAre("text/csv"));
  EXPECT_THAT(names_of(pages["headers"]), ElementsAre("content-disposition"));
  EXPECT_EQ(pages["description"], "A page of rows.");
  const Json exports = response_of(endpoint_with({Format::csv}, 2000));
  EXPECT_THAT(names_of(exports["headers"]), ElementsAre("content-disposition", "trailer"));
  EXPECT_THAT(exports["description"].get<std::string>(), HasSubstr("Offloader-Status: complete"));
}

TEST(FormatDocs, OtherParams_SayWhatFormatsMeanForThem) {
  const auto totals_of = [](Endpoint endpoint) {
    endpoint.totals.rows = true;
    return choice_params(endpoint).back()["description"].get<std::string>();
  };
  EXPECT_THAT(cursor_description(endpoint_with({})), HasSubstr("only `limit` may differ"));
  EXPECT_THAT(totals_of(endpoint_with({})), Not(HasSubstr("`json`")));
  const Endpoint offering = endpoint_with({Format::csv});
  EXPECT_THAT(cursor_description(offering), HasSubstr("only `limit` and `format` may differ"));
  EXPECT_THAT(totals_of(offering), HasSubstr("Needs the format `json`."));
}

}  // namespace
}  // namespace offloader::admin
