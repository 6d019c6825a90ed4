#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli_scene.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ValidateWarnings : public testing::Test {
 protected:
  [[nodiscard]] std::string at(const std::string& name) const { return (folder_.path() / name).string(); }

  TemporaryFolder folder_;
};

TEST_F(ValidateWarnings, Validate_GoodExample_HasNoFindings) {
  for (const char* name : {"customer-analytics", "public-metrics", "failure-lab/bad-param"}) {
    const fs::path project = fs::path(OFFLOADER_SOURCE_DIR) / "examples" / name;
    const Outcome valid = run_cli({"validate", "--config", project.string()});
    EXPECT_EQ(valid.code, 0);
    EXPECT_THAT(valid.out, StartsWith("ok: ")) << "a finding would come first";
    EXPECT_THAT(valid.out, Not(HasSubstr("warning")));
  }
}

TEST_F(ValidateWarnings, Validate_OnlyWarnings_Succeeds) {
  write(at("offloader.yml"), "version: 1\nauth: none\n");
  write(
      at("datasets/d.yml"),
      "id: d\nmanifest: https://example.org/m.json\nschema:\n  - {name: a, type: BIGINT}\n"
      "  - {name: b, type: DATE}\n  - {name: c, type: DATE}\n  - {name: d, type: DATE}\n  - {name: e, type: "
      "DATE}\n");
  write(at("endpoints/e.yml"),
        "name: e\nversion: 1\ndataset: d\nparams: [{name: day, type: date, required: true}]\n"
        "query:\n  select:\n    - {as: a, column: a}\n  filters:\n    - {column: a, op: gt, value: 0}\n"
        "    - {column: b, op: eq, param: day}\n    - {column: c, op: eq, param: day}\n"
        "    - {column: d, op: eq, param: day}\n    - {column: e, op: eq, param: day}\ncolumns: [a]\n");
  const Outcome text = run_cli({"validate", "--config", at("offloader.yml")});
  EXPECT_EQ(text.code, 0);
  EXPECT_THAT(text.out,
              HasSubstr("endpoints/e.yml:7: warning: imprecise_number at query.select[0].encode: "));
  EXPECT_THAT(text.out,
              HasSubstr("endpoints/e.yml:13: warning: unsorted_filter at query.filters[4].column: "));
  EXPECT_THAT(text.out, HasSubstr("ok: 1 dataset, 1 endpoint, 0 keys, 2 warnings\n"));
  const Outcome as_json = run_cli({"validate", "--config", at("offloader.yml"), "--json"});
  EXPECT_EQ(as_json.code, 0);
  const json parsed = json::parse(as_json.out);
  EXPECT_EQ(parsed.at("valid"), true);
  EXPECT_EQ(parsed.at("findings_total"), 2);
  EXPECT_EQ(parsed.at("findings")[0].at("severity"), "warning");
}

TEST_F(ValidateWarnings, Validate_DailyLimitsWithoutALedger_IsAWarning) {
  write(at("offloader.yml"), "version: 1\nkeys: keys.yml\n");
  write(at("datasets/d.yml"),
        "id: d\nmanifest: https://example.org/m.json\nschema: [{name: a, type: INTEGER}]\n");
  write(at("endpoints/e.yml"),
        "name: e\nversion: 1\ndataset: d\nquery: {select: [{as: a, column: a}]}\ncolumns: [a]\n");
  write(at("keys.yml"), "keys:\n  - {id: k, hash: " + std::string(64, 'a') +
                            ", tenant: null, endpoints: [e], status: active, limits: {daily_rows: 10}}\n");
  const auto validate = [&](const std::string& days) {
    return run_cli({"validate", "--config", at("offloader.yml")},
                   {.environment = {{"OFFLOADER_USAGE_DAYS", days}}});
  };
  const Outcome off = validate("0");
  EXPECT_EQ(off.code, 0);
  EXPECT_THAT(off.out, HasSubstr("keys.yml: warning: invalid_value: there are daily limits"));
  EXPECT_THAT(validate("90").out, Not(HasSubstr("daily limits")));
  EXPECT_THAT(validate("").out, Not(HasSubstr("daily limits")));
}

}  // namespace
}  // namespace offloader::cli
