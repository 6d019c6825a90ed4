// The examples of docs/security-model.md: each identity.yml is valid, and accepts the payload below it.

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "token_scene.h"

namespace offloader::identity {
namespace {

struct Example {
  std::string issuers;
  std::string payload;
};

std::string block_after(const std::string& text, const std::string& fence, std::size_t& at) {
  const std::size_t start = text.find(fence, at);
  if (start == std::string::npos) return {};
  const std::size_t begin = start + fence.size();
  at = text.find("\n```", begin);
  return text.substr(begin, at - begin + 1);
}

std::vector<Example> examples() {
  std::ifstream in(std::string(OFFLOADER_SOURCE_DIR) + "/docs/security-model.md");
  std::stringstream text;
  text << in.rdbuf();
  std::vector<Example> out;
  std::size_t at = 0;
  for (std::string yaml = block_after(text.str(), "```yaml\n", at); !yaml.empty();
       yaml = block_after(text.str(), "```yaml\n", at)) {
    out.push_back({yaml, block_after(text.str(), "```json\n", at)});
  }
  return out;
}

TEST(DocumentedIssuers, EachExample_AcceptsItsPayload) {
  const auto all = examples();
  ASSERT_EQ(all.size(), 5U);
  ManualClock clock;  // begins where the payloads were issued
  for (const Example& example : all) {
    SCOPED_TRACE(example.issuers);
    std::map<std::string, std::string> files = {
        {"offloader.yml", "version: 1\nidentity: identity.yml\n"},
        {"datasets/orders.yml", TokenScene::dataset("orders", "VARCHAR")},
        {"datasets/totals.yml", TokenScene::dataset("totals", "VARCHAR")},
        {"endpoints/orders.yml", TokenScene::endpoint("orders", "tenant: {column: t}\n")},
        {"endpoints/totals.yml", TokenScene::endpoint("totals", "tenant: {column: t}\n")},
        {"identity.yml", example.issuers}};
    const auto documented = catalog::load_project_files(files);
    ASSERT_EQ(catalog::to_text(documented.findings), "");
    const Algorithm algorithm = documented.catalog->issuers.at(0).rules.algorithms.at(0);
    const SigningKey key(algorithm, "k1");
    // The same with a key set whose private keys are known.
    files["jwks.json"] = key.key_set();
    files["identity.yml"] =
        std::regex_replace(example.issuers, std::regex("jwks: \"[^\"]*\""), "jwks: jwks.json");
    const auto catalog = TokenScene::load(files);
    const Principals principals(*catalog);
    const auto found = principals.verify(key.sign(example.payload), clock.both());
    ASSERT_EQ(found.outcome, Outcome::ok) << found.reason;
    for (const char* endpoint : {"orders", "totals"}) {
      const auto grant = found.principal->grant_for(endpoint);
      ASSERT_TRUE(grant) << endpoint;
      EXPECT_EQ(*grant->tenant, catalog::Tenant("acme"));
    }
  }
}

}  // namespace
}  // namespace offloader::identity
