#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "cli_scene.h"
#include "offloader/http/server.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(BundleFile, SupportBundle_Written_IsReadableOnlyByItsUser) {
  const TemporaryFolder folder;
  const std::string project = (folder.path() / "project").string();
  ASSERT_EQ(run_cli({"init", "--out", project}).code, 0);
  const auto bundle = folder.path() / "bundle.tar.gz";
  write(bundle, "of before, readable for all");
  const mode_t before = ::umask(0);
  // No server listens there, so the bundle contains only the project.
  const Outcome made = run_cli(
      {"support-bundle", "--config", project, "--admin-url", "http://127.0.0.1:1", "--out", bundle.string()});
  ::umask(before);
  EXPECT_EQ(made.code, 0) << made.err;
  struct stat status {};
  ASSERT_EQ(::stat(bundle.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST(BundleFile, Config_NotGiven_IsTakenFromTheEnvironment) {
  const TemporaryFolder folder;
  const std::string project = (folder.path() / "project").string();
  ASSERT_EQ(run_cli({"init", "--out", project}).code, 0);
  const auto bundle = [&](const std::string& config) {
    return run_cli({"support-bundle", "--admin-url", "http://127.0.0.1:1", "--json", "--out",
                    (folder.path() / "bundle.tar.gz").string()},
                   {.environment = {{"OFFLOADER_CONFIG", config}}});
  };
  const Outcome made = bundle(project);
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr(R"("left_out":["diagnostics.json","metrics.txt"])"));
  const std::string absent = (folder.path() / "absent").string();
  const Outcome nothing = bundle(absent);
  EXPECT_EQ(nothing.code, 1);
  EXPECT_THAT(nothing.err, HasSubstr("left out config: no project at " + absent + ": pass --config\n"));
  EXPECT_THAT(nothing.err, HasSubstr("nothing to bundle"));
  EXPECT_THAT(nothing.err, Not(HasSubstr("is not valid")));
  EXPECT_THAT(bundle("s3://bucket/p").err, HasSubstr("left out config: s3://bucket/p is in a bucket"));
}

TEST(BundleFile, ValidateAndDocs_ConfigNotGiven_UseALocalPathFromTheEnvironment) {
  const TemporaryFolder folder;
  const std::string project = (folder.path() / "project").string();
  ASSERT_EQ(run_cli({"init", "--out", project}).code, 0);
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"validate"}, std::vector<std::string>{"docs", "--openapi", "-"}}) {
    const auto code = [&](const std::string& config) {
      return run_cli(line, {.environment = {{"OFFLOADER_CONFIG", config}}}).code;
    };
    EXPECT_EQ(code(project), 0) << line.front();
    EXPECT_EQ(code("s3://bucket/p"), run_cli(line).code) << line.front();
  }
}

TEST(BundleFile, SupportBundle_StatusOfTheServer_NamesTheMissingToken) {
  const auto telemetry =
      *telemetry::make_telemetry({.level = telemetry::Level::error, .format = {}, .log_fd = 2});
  const auto refuse = [](int status) { return http::Response{.status = status, .headers = {}, .body = {}}; };
  auto server = http::Server::start(
      {.name = "admin", .bind = "127.0.0.1", .port = 0, .threads = 1, .limits = {}},
      [&](const http::Request& request, http::Responder responder, const std::shared_ptr<CancelFlag>&) {
        std::move(responder).send(refuse(request.path() == "/diagnostics" ? 403 : 401));
      },
      [&](int status, std::string_view) { return refuse(status); }, *telemetry);
  ASSERT_TRUE(server);
  const TemporaryFolder folder;
  const std::string project = (folder.path() / "project").string();
  ASSERT_EQ(run_cli({"init", "--out", project}).code, 0);
  const Outcome made = run_cli({"support-bundle", "--config", project, "--admin-url",
                                "http://127.0.0.1:" + std::to_string((*server)->port()), "--out",
                                (folder.path() / "bundle.tar.gz").string()});
  (*server)->stop(std::chrono::seconds(1));
  EXPECT_THAT(made.err,
              HasSubstr("/diagnostics: the server has no admin token; set OFFLOADER_ADMIN_TOKEN for "
                        "the server\n"));
  EXPECT_THAT(made.err,
              HasSubstr("/metrics requires the admin token; set OFFLOADER_ADMIN_TOKEN, or pass it with "
                        "--admin-token\n"));
}

}  // namespace
}  // namespace offloader::cli
