#include "offloader/redaction/redact.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "offloader/base/testing/growth.h"

namespace offloader {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string_view::npos; at += word.size()) ++found;
  return found;
}

// Every file of the corpus except the golden outputs.
std::vector<fs::path> corpus() {
  std::vector<fs::path> files;
  for (const auto& entry :
       fs::directory_iterator(fs::path(OFFLOADER_SOURCE_DIR) / "src/redaction/tests/redact")) {
    if (entry.path().extension() != ".redacted") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

RedactOptions options_of(const fs::path& file) {
  RedactOptions options;
  options.tenants = file.filename().string().find(".keys.") != std::string::npos;
  if (options.tenants) options.literals = {"s3cr3t_tenant_S3CR3T"};
  return options;
}

TEST(Redact, Redact_Corpus_MasksEverySecretAndNothingElse) {
  ASSERT_GE(corpus().size(), 8U);
  for (const fs::path& file : corpus()) {
    SCOPED_TRACE(file.filename());
    const std::string text = contents(file);
    ASSERT_GT(count(text, "S3CR3T"), 0U);
    const std::string out = redact(text, options_of(file));
    fs::path golden = file;
    golden += ".redacted";
    if (std::getenv("OFFLOADER_UPDATE_GOLDEN") != nullptr) std::ofstream(golden, std::ios::binary) << out;
    EXPECT_EQ(out, contents(golden));
    // The first line of fields.yml explains S3CR3T and KEEP.
    EXPECT_EQ(count(out, "S3CR3T"), count(text, "S3CR3T...")) << out;
    EXPECT_EQ(count(out, "KEEP"), count(text, "KEEP")) << out;
    EXPECT_EQ(redact(out, options_of(file)), out) << "a second time changes nothing";
  }
}

TEST(Redact, Redact_KeyWithAKnownPrefix_IsMasked) {
  const std::string letters = "Q1w2E3r4T5y6U7i8O9p0Q1w2E3r4T5y6U7i8";
  for (const char* prefix : {"ghp", "gho", "ghu", "ghs", "ghr"}) {
    EXPECT_EQ(redact("a " + std::string(prefix) + "_" + letters + " b"), "a <redacted> b") << prefix;
  }
  const std::string upper = "Q1W2E3R4T5Y6U7I8O9P0Q1W2E3R4T5Y6U7";
  for (const char* prefix : {"AKIA",
                             "ASIA",
                             "ABIA",
                             "ACCA",
                             "AROA",
                             "AIDA",
                             "AGPA",
                             "AIPA",
                             "ANPA",
                             "ANVA",
                             "APKA",
                             "ASCA",
                             "GOOG",
                             "AIza",
                             "ya29.",
                             "GOCSPX-",
                             "1//0",
                             "github_pat_",
                             "glpat-",
                             "xoxb-",
                             "xoxp-",
                             "xoxa-",
                             "xoxs-",
                             "xoxr-",
                             "xapp-",
                             "dapi",
                             "sk_live_",
                             "sk_test_",
                             "rk_live_",
                             "rk_test_",
                             "whsec_",
                             "sk-",
                             "npm_",
                             "hf_",
                             "SG.",
                             "pypi-",
                             "hvs.",
                             "dckr_pat_",
                             "glsa_",
                             "shpat_",
                             "AGE-SECRET-KEY-",
                             "LS0tLS1CRUdJTi",
                             "dop_v1_"}) {
    EXPECT_EQ(redact("a " + std::string(prefix) + upper + " b"), "a <redacted> b") << prefix;
  }
  EXPECT_EQ(redact("xox" + std::string("b-") + letters), "<redacted>");
  EXPECT_EQ(redact("dap" + std::string("i0123456789abcdef0123456789abcdef")), "<redacted>");
  EXPECT_EQ(redact("GOCSPX" + std::string("-") + letters), "<redacted>");
}

TEST(Redact, IsSecretName_SecretAndSimilarNames_TellsThemApart) {
  for (const char* name :
       {"password", "DB_PASSWORD", "clientSecret", "AWSAccessKeyId", "x-api-key", "privateKey",
        "OFFLOADER_SECRET_KEY_BASE", "refresh_tokens", "pwd", "Authorization", "Set-Cookie",
        "aws.secret-access-key", "X-Amz-Signature", "sig", "connection_string"}) {
    EXPECT_TRUE(is_secret_name(name)) << name;
  }
  for (const char* name :
       {"hash", "key", "keys", "id", "tenant", "pin_snapshot", "passenger", "signal", "design", "status",
        "data_quality_status", "partition_columns", "cookies_per_day", ""}) {
    EXPECT_FALSE(is_secret_name(name)) << name;
  }
}

TEST(Redact, Redact_LiteralAsAWholeWord_IsMasked) {
  EXPECT_EQ(redact("acme, acme_app, (acme) Acme", {.tenants = false, .literals = {"acme", ""}}),
            "<redacted>, acme_app, (<redacted>) Acme");
}

TEST(Redact, Redact_TenantField_IsMaskedOnlyInKeysFiles) {
  EXPECT_EQ(redact("tenant: acme\n"), "tenant: acme\n");
  EXPECT_EQ(redact("tenant: acme\n", {.tenants = true, .literals = {}}), "tenant: <redacted>\n");
  EXPECT_EQ(redact("tenant: {column: tenant_id}\n"), "tenant: {column: tenant_id}\n");
}

TEST(Redact, Redact_UnclosedValue_IsMaskedToTheEnd) {
  EXPECT_EQ(redact("-----BEGIN PRIVATE KEY-----\nabc\n"), "<redacted>");
  EXPECT_EQ(redact("password: \"abc\ndef"), "password: \"<redacted>");
  EXPECT_EQ(redact("tokens: [abc,\ndef"), "tokens: \"<redacted>\"");
}

TEST(Redact, Redact_RepeatedPieces_TakesLinearTime) {
  // Each piece could make a careless scanner read the same text again and again.
  for (const char* piece : {"token=[",
                            "password:\n",
                            "\"",
                            "a://b:",
                            "- ",
                            "\\",
                            "BEGIN ",
                            "-----BEGIN ",
                            "{token:",
                            "\"token\":\"",
                            "bearer ",
                            "? token\n:",
                            "password=",
                            ": ",
                            "'token':''",
                            "eyJ.",
                            "<password>",
                            "<password1 ",
                            "-token ",
                            "\"-token\",",
                            "- -token\n",
                            "token=$(<<",
                            "<a></a>",
                            "--token <<A",
                            "\\u00",
                            "\\u0041",
                            "value:x ",
                            "{\"value\":1,\"name\":\"token\"}",
                            "\"auth\":\"aaaaaaa",
                            "sk-",
                            "pypi-",
                            "-eyJ",
                            "%3A%2F%2F",
                            ":\\/\\/"}) {
    const auto seconds_of = [&](std::size_t bytes) {
      std::string text;
      while (text.size() < bytes) text += piece;
      return cpu_seconds([&] { EXPECT_LE(redact(text).size(), text.size() * 4) << piece; });
    };
    EXPECT_EQ(growth_beyond_linear(32U << 10, seconds_of), "") << piece;
  }
}

}  // namespace
}  // namespace offloader
