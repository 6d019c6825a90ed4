#include "audit_changes.h"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

namespace offloader::app {
namespace {

using nlohmann::json;

catalog::Issuer issuer(const std::string& id, const std::string& jwks) {
  catalog::Issuer out;
  out.id = id;
  out.jwks = jwks;
  return out;
}

serving::Generation generation(std::vector<catalog::Issuer> issuers) {
  auto catalog = std::make_shared<catalog::Catalog>();
  catalog->issuers = std::move(issuers);
  serving::Generation out;
  out.catalog = std::move(catalog);
  return out;
}

TEST(AuditChanges, Issuers_AreRecordedByWhatCameAndWent) {
  const auto telemetry = telemetry::make_silent_telemetry();
  const auto audit = *audit::Audit::start({}, *telemetry, real_clock());
  const auto before =
      generation({issuer("kept", "a.json"), issuer("moved", "a.json"), issuer("old", "a.json")});
  const auto after =
      generation({issuer("new", "a.json"), issuer("moved", "b.json"), issuer("kept", "a.json")});
  record_changes(*audit, real_clock().now(), before, after);
  record_changes(*audit, real_clock().now(), after, after);
  audit->stop();
  const auto lines = audit->newest({.limit = 10, .event = "issuers"}).lines;
  ASSERT_EQ(lines.size(), 1U) << "a publication that changes no issuer has no record of them";
  const json line = json::parse(lines[0]);
  EXPECT_EQ(line["added"], json({"new"}));
  EXPECT_EQ(line["removed"], json({"old"}));
  EXPECT_EQ(line["changed"], json({"moved"}));
}

}  // namespace
}  // namespace offloader::app
