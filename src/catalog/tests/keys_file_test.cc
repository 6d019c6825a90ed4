#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offloader/catalog/load.h"

namespace offloader::catalog {
namespace {

using testing::HasSubstr;

std::string hash(std::size_t i) {
  return to_hex(sha256(std::to_string(i)));
}

LoadedProject load(const std::string& name, const std::string& keys) {
  return load_project_files(
      {{"offloader.yml", "version: 1\nkeys: " + name + "\n"},
       {"datasets/d.yml", "id: d\nmanifest: m.json\nschema: [{name: n, type: DATE}]\n"},
       {"endpoints/e.yml",
        "name: e\nversion: 1\ndataset: d\nquery: {select: [{as: n, column: n}]}\ncolumns: [n]\n"},
       {name, keys}});
}

std::string yaml_key(std::size_t i) {
  return "- {id: k" + std::to_string(i) + ", hash: \"" + hash(i) +
         "\", tenant: null, endpoints: [e], status: active, expires_at: 2030-01-01T00:00:00+01:00}\n";
}

std::string json_key(std::size_t i) {
  return R"({"id":"k)" + std::to_string(i) + R"(","hash":")" + hash(i) +
         R"(","tenant":null,"endpoints":["e"],"status":"active","expires_at":"2029-12-31T23:00:00Z"})" + "\n";
}

TEST(KeysFile, YamlAndNdjson_SameKeys_AreTheSameTable) {
  std::string yaml = "keys:\n";
  std::string json = "\n";  // so that the lines are the same
  for (std::size_t i = 0; i < 100; ++i) {
    yaml += yaml_key(i);
    json += json_key(i);
  }
  const LoadedProject one = load("keys.yml", yaml);
  const LoadedProject other = load("keys.ndjson", json);
  ASSERT_TRUE(one.catalog && other.catalog) << to_text(one.findings) << to_text(other.findings);
  EXPECT_EQ(one.catalog->keys.size(), 100U);
  EXPECT_EQ(one.catalog->keys, other.catalog->keys);
}

TEST(KeysFile, AnchoredList_IsReadLikeAnyOther) {
  const LoadedProject loaded = load("keys.yml", "keys: &all\n" + yaml_key(1) + yaml_key(2));
  ASSERT_TRUE(loaded.catalog) << to_text(loaded.findings);
  EXPECT_EQ(loaded.catalog->keys.size(), 2U);
  EXPECT_FALSE(load("keys.yml", "keys: &all\n- {id: a, token: x}\n").catalog);
}

TEST(KeysFile, LargerThanOneMebibyte_IsRead) {
  std::string yaml = "keys:\n";
  for (std::size_t i = 0; i < 8'000; ++i) yaml += yaml_key(i);
  ASSERT_GT(yaml.size(), 1U << 20);
  EXPECT_TRUE(load("keys.yml", yaml).catalog);
}

TEST(KeysFile, MoreThan200000Keys_IsAnError) {
  std::string json;
  for (std::size_t i = 0; i < 200'002; ++i) json += "{}\n";
  const LoadedProject loaded = load("keys.ndjson", json);
  EXPECT_FALSE(loaded.catalog);
  EXPECT_EQ(count_findings(loaded.findings).errors, 200'000 * 5 + 1U) << "five fields are missing in each";
}

TEST(KeysFile, LargerThan32Mebibytes_IsAnError) {
  EXPECT_THAT(to_text(load("keys.ndjson", std::string((32U << 20) + 1, '\n')).findings),
              HasSubstr("larger than 32 MiB"));
}

std::string findings_of(const std::string& fields) {
  return to_text(
      load("keys.yml", "keys:\n- {id: a, endpoints: [e], status: active, " + fields + "}\n").findings);
}

TEST(KeysFile, TimeOutsideOfFourDigitYears_IsAnError) {
  const std::string key = "tenant: null, hash: \"" + hash(0) + "\", ";
  EXPECT_THAT(findings_of(key + "expires_at: 9999-12-31T23:59:59-14:00"), HasSubstr("years 0000 to 9999"));
  EXPECT_THAT(findings_of(key + "not_before: 0000-01-01T00:00:00+14:00"), HasSubstr("years 0000 to 9999"));
  EXPECT_EQ(findings_of(key + "not_before: 0000-01-01T00:00:00Z, expires_at: 9999-12-31T23:59:59Z"), "");
}

TEST(KeysFile, ValueThatAllowsMoreOrLessThanItSays_IsAnError) {
  const std::string key = "hash: \"" + hash(0) + "\", ";
  EXPECT_THAT(findings_of(key + "tenant: \"a\\0b\""),
              HasSubstr("2: invalid_value at keys[0].tenant: the tenant"));
  EXPECT_THAT(findings_of(key + "tenant: null, allowed_cidrs: []"),
              HasSubstr("2: invalid_value at keys[0].allowed_cidrs: `allowed_cidrs` lists no network"));
  EXPECT_THAT(findings_of("tenant: null, certificate: {san: \"dns:*.x.example\"}"),
              HasSubstr("compared literally"));
}

TEST(KeysFile, Findings_NeverRepeatAValue) {
  for (const char* text : {"keys:\n  - {id: S3CRET}\n", "keys: [{hash: S3CRET, S3CRET: 1}]\n", "S3CRET: [\n",
                           "keys:\n  - certificate: {san: S3CRET}\n    expires_at: S3CRET\n"
                           "    allowed_cidrs: [S3CRET]\n    endpoints: [S3CRET]\n    status: S3CRET\n"}) {
    EXPECT_EQ(to_text(load("keys.yml", text).findings).find("S3CRET"), std::string::npos) << text;
  }
  EXPECT_EQ(
      to_text(load("keys.ndjson", "{\"S3CRET\": 1, \"id\": \"S3CRET\"}\nS3CRET\n").findings).find("S3CRET"),
      std::string::npos);
}

}  // namespace
}  // namespace offloader::catalog
