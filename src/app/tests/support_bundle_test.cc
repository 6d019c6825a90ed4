#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "offloader/base/testing/temporary_folder.h"
#include "test_server.h"

namespace offloader::app {
namespace {

namespace fs = std::filesystem;

// GET /support-bundle of the running example (admin-api.md; cli.md, "Support bundle").
TEST(SupportBundleRoute, Get_WithToken_ReturnsProjectDiagnosticsAndMetrics) {
  const TemporaryFolder folder;
  const std::string token = "an-admin-token-of-this-test";
  TestServer server(fs::path(OFFLOADER_SOURCE_DIR) / "examples/customer-analytics", folder.path() / "cache",
                    {.use_index = true, .admin_token = token});
  ASSERT_TRUE(server.started()) << server.failure();
  ASSERT_TRUE(server.await_ready()) << server.failure();
  HttpClient admin(server.admin_port());
  EXPECT_EQ(admin.get("/support-bundle").status, 401);
  const Answer answer = admin.get("/support-bundle", {"Authorization: Bearer " + token});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.headers.at("content-type"), "application/gzip");

  std::ofstream(folder.path() / "bundle.tar.gz", std::ios::binary) << answer.body;
  const std::string unpack =
      "tar -xzf '" + (folder.path() / "bundle.tar.gz").string() + "' -C '" + folder.path().string() + "'";
  ASSERT_EQ(std::system(unpack.c_str()), 0);
  const auto read = [&](const char* name) {
    std::ifstream file(folder.path() / name, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  };
  EXPECT_NE(read("diagnostics.json").find("\"ready\":true"), std::string::npos) << read("diagnostics.json");
  EXPECT_NE(read("metrics.txt").find("offloader_ready 1"), std::string::npos);
  const std::string keys = read("config/keys/keys.yml");
  EXPECT_NE(keys.find("f4c135cacc2ba83bcc995d73d39af07e62afa3564f05990efbdacd26e68556e6"), std::string::npos);
  EXPECT_EQ(keys.find("tenant: acme"), std::string::npos) << keys;
  EXPECT_NE(read("config/data/account_daily/manifest.json").find("\"account_daily\""), std::string::npos);
  EXPECT_FALSE(fs::exists(folder.path() / "config/data/account_daily/part-0.csv"));
  const std::string search = "grep -r '" + token + "' '" + folder.path().string() + "'";
  EXPECT_NE(std::system(search.c_str()), 0) << "the admin token is in the bundle";
}

}  // namespace
}  // namespace offloader::app
