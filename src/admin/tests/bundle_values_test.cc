#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "offloader/admin/support_bundle.h"

namespace offloader::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Facts with_a_finding() {
  Facts facts;
  refresh::DatasetStatus dataset;
  dataset.dataset = "orders";
  dataset.refresh_error = "schema_data_mismatch: row 2: \"Alice Archer\" is no integer";
  dataset.findings.push_back(
      {.file = "https://b.example/part.csv?sig=5e",
       .line = 2,
       .path = "qty",
       .code = "schema_data_mismatch",
       .message = "\"Alice Archer\" of https://b.example/part.csv?sig=5e is no integer",
       .hint = "correct \"Alice Archer\""});
  facts.refresh.datasets.push_back(dataset);
  dataset = {};
  dataset.dataset = "users";
  dataset.refresh_error = "Conversion Error: Could not convert string 'Bob Baker' to INT32";  // no finding
  facts.refresh.datasets.push_back(dataset);
  return facts;
}

TEST(BundleValues, WithoutDataValues_Diagnostics_RemovesQuotedValues) {
  const std::string text = without_data_values(diagnostics_text(with_a_finding()));
  EXPECT_THAT(text, Not(HasSubstr("Alice")));
  EXPECT_THAT(text, Not(HasSubstr("Bob")));
  const auto datasets = nlohmann::json::parse(text)["datasets"];
  EXPECT_EQ(datasets[0]["findings"][0]["code"], "schema_data_mismatch");
  EXPECT_EQ(datasets[0]["findings"][0]["line"], 2);
  EXPECT_THAT(datasets[1]["refresh_error"], HasSubstr("left out"));
}

TEST(BundleValues, WithoutDataValues_OtherText_IsUnchanged) {
  for (const char* text : {"", "# HELP metrics\n", "[1, 2]", R"({"datasets": 7})", R"({"other": []})"})
    EXPECT_EQ(without_data_values(text), text);
}

TEST(DiagnosticsText, UrlInAFinding_IsShownWithoutItsQuery) {
  const std::string text = diagnostics_text(with_a_finding());
  EXPECT_THAT(text, HasSubstr("Alice Archer"));
  EXPECT_THAT(text, HasSubstr("https://b.example/part.csv"));
  EXPECT_THAT(text, Not(HasSubstr("5e")));
}

}  // namespace
}  // namespace offloader::admin
