#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offloader/catalog/load.h"

// Input that deviates from the documented form but has only one possible meaning: it is accepted, in some
// cases with a warning.
namespace offloader::catalog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Files = std::map<std::string, std::string>;

Files project(const std::string& params, const std::string& more = "") {
  return {{"offloader.yml", "version: 1\nauth: none\n"},
          {"datasets/d.yml",
           "id: d\nmanifest: m.json\nschema:\n  - {name: c, type: VARCHAR}\n"
           "  - {name: j, type: JSON}\n"},
          {"endpoints/e.yml", "name: e\nversion: 1\ndataset: d\n" + params +
                                  "query:\n  select: [{as: c, column: c}, {as: j, column: j}]\n"
                                  "  filters: [{column: c, op: eq, param: p}]\n" +
                                  more + "columns: [c, j]\n"}};
}

std::string told(const Files& files) {
  return to_text(load_project_files(files).findings);
}

const Param& param_of(const LoadedProject& loaded) {
  return loaded.catalog->endpoints.at("e").params.at(0);
}

TEST(Leniency, Enum_UnquotedValues_AreRead) {
  const LoadedProject loaded =
      load_project_files(project("params:\n  - {name: p, type: enum, enum: [1, 2.50, true, EU], default: "
                                 "2.50, aliases: {one: 1, 3: EU}}\n"));
  ASSERT_TRUE(loaded.catalog) << to_text(loaded.findings);
  EXPECT_THAT(param_of(loaded).enum_values, ElementsAre("1", "2.50", "true", "EU"));
  EXPECT_EQ(param_of(loaded).default_value, "2.50");
  EXPECT_EQ(param_of(loaded).aliases.at("one"), "1");
  EXPECT_EQ(param_of(loaded).aliases.at("3"), "EU");
  EXPECT_THAT(
      told(project("params: [{name: p, type: enum, enum: [1, '1', ~]}]\n")),
      testing::AllOf(HasSubstr("\"1\" is listed twice"), HasSubstr("enum[2]: must be text, but is empty")));
}

TEST(Leniency, Default_QuotedInteger_IsRead) {
  const LoadedProject loaded =
      load_project_files(project("params: [{name: p, type: integer, default: '+7'}]\n"));
  ASSERT_TRUE(loaded.catalog) << to_text(loaded.findings);
  EXPECT_EQ(param_of(loaded).default_value, "7");
  for (const char* bad : {"'7.0'", "''", "'7 '", "seven", "'99999999999999999999'", "1.5"}) {
    EXPECT_THAT(told(project(std::string("params: [{name: p, type: integer, default: ") + bad + "}]\n")),
                HasSubstr("invalid_default"))
        << bad;
  }
}

// YAML 1.2 reads `0o17` and `0x1f` as numbers; other digits make plain text.
TEST(Leniency, Text_LikeAnOctalNumberWithOtherDigits_IsRead) {
  for (const char* text : {"0o9f", "0o8", "0o1f", "0xfg", "0o", "0x"}) {
    const LoadedProject loaded =
        load_project_files(project("owner: " + std::string(text) + "\nparams: [{name: p, type: string}]\n"));
    ASSERT_TRUE(loaded.catalog) << text << "\n" << to_text(loaded.findings);
    EXPECT_EQ(loaded.catalog->endpoints.at("e").owner, text);
  }
  for (const char* number : {"0o17", "0x1f", "0xFF"}) {
    EXPECT_THAT(told(project("owner: " + std::string(number) + "\nparams: [{name: p, type: string}]\n")),
                HasSubstr("owner: must be text, not a number"))
        << number;
  }
}

TEST(Leniency, Default_EmptyText_IsKept) {
  const LoadedProject loaded =
      load_project_files(project("params: [{name: p, type: string, default: ''}]\n"));
  ASSERT_TRUE(loaded.catalog) << to_text(loaded.findings);
  EXPECT_EQ(param_of(loaded).default_value, "");
}

TEST(Leniency, Default_OfARequiredParam_IsAWarning) {
  const LoadedProject loaded =
      load_project_files(project("params: [{name: p, type: string, required: true, default: x}]\n"));
  ASSERT_TRUE(loaded.catalog) << to_text(loaded.findings);
  EXPECT_THAT(to_text(loaded.findings), HasSubstr("warning: invalid_default at params[0].default"));
  EXPECT_EQ(param_of(loaded).default_value, std::nullopt);
}

TEST(Leniency, OptionalField_Empty_CountsAsAbsent) {
  Files files = project(
      "owner:\ndescription: ''\nserving_mode: ~\nfreshness: {}\ntenant:\ncombinations: "
      "[]\npagination:\ncache: {}\n"
      "params:\n  - {name: p, type: string, required:, default:, enum: [], max:, aliases: {}}\n",
      "  group_by:\n  order_by: []\n");
  files["offloader.yml"] =
      "version: 1\nauth: none\nkeys:\ndatasets_dir: ''\nallowed_origins: []\nobject_store_mode: ''\n";
  files["datasets/d.yml"] += "description:\npin_snapshot: ''\nskip_snapshots:\nsource: {}\n";
  const LoadedProject loaded = load_project_files(files);
  EXPECT_EQ(to_text(loaded.findings), "");
  ASSERT_TRUE(loaded.catalog);
  EXPECT_EQ(loaded.catalog->endpoints.at("e").max_staleness_minutes, std::nullopt);
}

TEST(Leniency, RequiredField_Empty_IsAFinding) {
  Files files = project("params: [{name: p, type: string}]\n");
  files["datasets/d.yml"] = "id:\nmanifest: ''\nschema: []\n";
  const std::string text = told(files);
  EXPECT_THAT(text, HasSubstr("datasets/d.yml:1: missing at id: `id` is required, but is empty"));
  EXPECT_THAT(text, HasSubstr("datasets/d.yml:2: missing at manifest"));
  EXPECT_THAT(text, HasSubstr("datasets/d.yml:3: missing at schema: `schema` must not be an empty list"));
}

// A template that fills in nothing must not disable tenant isolation.
TEST(Leniency, TenantColumn_Empty_IsAnError) {
  for (const char* empty : {"", " ''", " \"\"", " ~", " null"}) {
    Files files = project("params: [{name: p, type: string}]\n");
    files["datasets/d.yml"] += "tenant_column:" + std::string(empty) + "\n";
    const LoadedProject loaded = load_project_files(files);
    EXPECT_FALSE(loaded.catalog) << empty;
    EXPECT_THAT(to_text(loaded.findings),
                HasSubstr("datasets/d.yml:6: invalid_value at tenant_column: `tenant_column` is empty"))
        << empty;
  }
}

TEST(Leniency, OrderBy_JsonColumn_IsAnError) {
  EXPECT_THAT(told(project("params: [{name: p, type: string}]\n", "  order_by: [{column: j}]\n")),
              HasSubstr("invalid_value at query.order_by[0].column: a JSON column cannot be sorted"));
}

Files with_keys(const std::string& keys) {
  Files files = project("params: [{name: p, type: string}]\n");
  files["offloader.yml"] = "version: 1\nkeys: keys.yml\n";
  files["keys.yml"] = keys;
  return files;
}

TEST(Leniency, Key_EndpointGrantedTwice_IsAWarning) {
  const LoadedProject loaded =
      load_project_files(with_keys("keys:\n  - {id: k, hash: " + std::string(64, 'a') +
                                   ", tenant: null, endpoints: [e, e], status: active}\n"));
  ASSERT_TRUE(loaded.catalog) << to_text(loaded.findings);
  EXPECT_THAT(to_text(loaded.findings), HasSubstr("warning: invalid_value at keys[0].endpoints[1]"));
  EXPECT_THAT(loaded.catalog->keys[0].endpoints, ElementsAre("e"));
}

TEST(Leniency, PlaintextToken_Partial_IsOnlyAWarning) {
  const auto told_of = [](const std::string& tenant, const std::string& comment) {
    return told(with_keys("# " + comment + "\nkeys:\n  - {id: k, hash: " + std::string(64, 'a') +
                          ", tenant: " + tenant + ", endpoints: [e], status: active}\n"));
  };
  const std::string token = "offl_" + std::string(48, 'b');
  EXPECT_EQ(told_of("offl_ine", "x"), "");
  EXPECT_THAT(told_of(token, "x"),
              HasSubstr("keys.yml:3: plaintext_token at keys[0].tenant: this is a plaintext token"));
  EXPECT_THAT(told_of(token.substr(0, 40), "x"),
              HasSubstr("keys.yml:3: warning: plaintext_token at keys[0].tenant"));
  EXPECT_THAT(told_of("a", token), HasSubstr("keys.yml:1: warning: plaintext_token"));
  // Too short to be a token, and not a hash either.
  EXPECT_THAT(
      told(with_keys("keys:\n  - {id: k, hash: offl_ab, tenant: a, endpoints: [e], status: active}\n")),
      HasSubstr("invalid_value at keys[0].hash"));
}

}  // namespace
}  // namespace offloader::catalog
