#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "diagnostics.h"
#include "offloader/catalog/finding_list.h"

namespace offloader::admin {
namespace {

using nlohmann::json;

constexpr std::size_t kBound = 4U << 20;

catalog::Findings findings(std::size_t count, std::size_t length) {
  catalog::FindingList list;
  for (std::size_t i = 0; i < count; ++i) {
    list.add({.file = "m.json",
              .line = static_cast<int>(i),
              .path = "files",
              .code = "missing",
              .message = std::string(length, 'm'),
              .hint = "h"});
  }
  return list.take();
}

Facts facts_of(std::size_t datasets, const catalog::Findings& of_each) {
  Facts facts;
  for (std::size_t i = 0; i < datasets; ++i) {
    refresh::DatasetStatus status;
    status.dataset = "dataset_" + std::to_string(i);
    status.findings = of_each;
    facts.refresh.datasets.push_back(std::move(status));
  }
  return facts;
}

std::size_t told(const json& findings) {
  std::size_t count = 0;
  for (const json& each : findings) count += each.at("code") == "findings_omitted" ? 0 : 1;
  return count;
}

TEST(Diagnostics, FindingsThatFit_AreAllIncluded) {
  Facts facts = facts_of(3, findings(250, 100));
  facts.refresh.config_sync.findings = findings(2, 10);
  const json body = json::parse(diagnostics_json(facts));
  EXPECT_EQ(body.at("config_sync").at("findings").size(), 2U);
  EXPECT_EQ(body.at("config_sync").at("findings_total"), 2);
  for (const json& dataset : body.at("datasets")) {
    EXPECT_EQ(told(dataset.at("findings")), catalog::kMaxFindingsPerFile);
    EXPECT_EQ(dataset.at("findings_total"), 250);
  }
  EXPECT_FALSE(body.contains("datasets_omitted"));
}

TEST(Diagnostics, TooManyFindings_StayWithin4MiBAndAreCounted) {
  const catalog::Findings many = findings(5'000, 900);
  Facts facts = facts_of(60, many);
  facts.refresh.config_sync.findings = many;
  facts.refresh.config_sync.error = std::string(100'000, 'e');
  const std::string text = diagnostics_json(facts);
  EXPECT_LE(text.size(), kBound);
  EXPECT_GT(text.size(), kBound * 9 / 10) << "the room is used";
  const json body = json::parse(text);
  EXPECT_LT(body.at("config_sync").at("error").get<std::string>().size(), 2'000U);
  ASSERT_EQ(body.at("datasets").size(), 60U);
  for (const json& dataset : body.at("datasets")) {
    EXPECT_GE(told(dataset.at("findings")), 1U);
    EXPECT_EQ(dataset.at("findings_total"), 5'000);
    const json& last = dataset.at("findings").back();
    EXPECT_EQ(last.at("code"), "findings_omitted");
    EXPECT_EQ(last.at("message"),
              std::to_string(5'000 - told(dataset.at("findings"))) + " more errors are not listed");
  }
}

TEST(Diagnostics, LongError_IsCutBetweenCharacters) {
  Facts facts = facts_of(1, {});
  facts.refresh.datasets[0].refresh_error = std::string(999, 'e') + "éé";
  const json body = json::parse(diagnostics_json(facts));
  EXPECT_EQ(body.at("datasets")[0].at("refresh_error"), std::string(999, 'e') + "…");
}

TEST(Diagnostics, TooManyDatasets_AreLeftOutAndCounted) {
  Facts facts = facts_of(300, {});
  for (refresh::DatasetStatus& status : facts.refresh.datasets) {
    status.endpoints.assign(300, std::string(60, 'e'));
  }
  const std::string text = diagnostics_json(facts);
  EXPECT_LE(text.size(), kBound);
  const json body = json::parse(text);
  EXPECT_EQ(body.at("datasets").size() + body.at("datasets_omitted").get<std::size_t>(), 300U);
  EXPECT_GT(body.at("datasets").size(), 150U);
}

}  // namespace
}  // namespace offloader::admin
