#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "cli_scene.h"
#include "offloader/audit/audit.h"

namespace offloader::cli {
namespace {

using ::testing::HasSubstr;

const std::string kSecret(32, 's');

class AuditVerify : public ::testing::Test {
 protected:
  // Writes a log: opened, three actions, stopped.
  void SetUp() override {
    const auto telemetry = telemetry::make_silent_telemetry();
    const auto log = *audit::Audit::start({.path = file(), .secret = kSecret}, *telemetry, real_clock());
    for (const char* action : {"refresh", "rollback", "reload"})
      log->record(audit::Record(real_clock().now(), "action").text("action", action));
  }
  [[nodiscard]] std::string file() const { return (folder_.path() / "audit.log").string(); }
  [[nodiscard]] Outcome verify(std::vector<std::string> more = {},
                               const std::string& secret = kSecret) const {
    std::vector<std::string> arguments = {"audit", "verify", file()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    RunOptions options;
    if (!secret.empty()) options.environment["OFFLOADER_SECRET_KEY_BASE"] = secret;
    return run_cli(arguments, options);
  }

  TemporaryFolder folder_;
};

TEST_F(AuditVerify, WholeLog_IsSuccess) {
  const Outcome text = verify({"--last-seq", "5"});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_EQ(text.out, "The audit log is whole: 5 lines, seq 1 to 5, in 1 file.\n");
  const Outcome json = verify({"--json"});
  EXPECT_EQ(json.code, 0);
  EXPECT_EQ(json.out, R"({"valid":true,"lines":5,"first_seq":1,"last_seq":5,"torn_bytes":0,"break":null})"
                      "\n");
}

TEST_F(AuditVerify, ChangedLine_IsAFindingWithItsPlace) {
  std::string text = contents(file());
  text.replace(text.find("rollback"), 8, "rollbacK");
  write(file(), text);
  const Outcome shown = verify();
  EXPECT_EQ(shown.code, 1);
  EXPECT_EQ(shown.out, file() +
                           ":3: seq 3 was changed, added, or written with another secret\n"
                           "In order before it: 2 lines, seq 1 to 2.\n");
  const Outcome json = verify({"--json"});
  EXPECT_EQ(json.code, 1);
  const auto parsed = nlohmann::json::parse(json.out);
  EXPECT_EQ(parsed["valid"], false);
  EXPECT_EQ(parsed["break"]["line"], 3);
  EXPECT_EQ(parsed["break"]["file"], file());
}

TEST_F(AuditVerify, LostTail_IsAFindingWithLastSeq) {
  const Outcome shown = verify({"--last-seq", "7"});
  EXPECT_EQ(shown.code, 1);
  EXPECT_THAT(shown.out, HasSubstr("lines seq 6 to 7 are missing at the end"));
}

TEST_F(AuditVerify, NoSecretNoFileOrABadFlag_SaySo) {
  EXPECT_EQ(verify({}, "").code, 2);
  EXPECT_THAT(verify({}, "").err, HasSubstr("OFFLOADER_SECRET_KEY_BASE"));
  const Outcome missing = verify({"nowhere.log"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_THAT(missing.err, HasSubstr("cannot open nowhere.log"));
  EXPECT_EQ(run_cli({"audit", "verify"}).code, 2);
}

TEST_F(AuditVerify, FileWithoutLines_IsNotWhole) {
  write(file(), "");
  const Outcome text = verify();
  EXPECT_EQ(text.code, 1);
  EXPECT_EQ(text.out, "Nothing was verified: no lines, in 1 file.\n");
  const Outcome json = verify({"--json"});
  EXPECT_EQ(json.code, 1);
  EXPECT_EQ(nlohmann::json::parse(json.out)["valid"], false);
  EXPECT_EQ(verify({"/dev/null"}).code, 1);
}

TEST_F(AuditVerify, FifoOrFolder_IsRefused) {
  const std::string fifo = (folder_.path() / "fifo").string();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const std::string& path : {fifo, folder_.path().string()}) {
    const Outcome refused = verify({path});
    EXPECT_EQ(refused.code, 1);
    EXPECT_EQ(refused.err, "cannot read " + path + ": it is not a file\n");
  }
}

TEST_F(AuditVerify, SecretFileThatCannotBeRead_IsNamed) {
  const std::string missing = (folder_.path() / "secret").string();
  const Outcome refused =
      run_cli({"audit", "verify", file()}, {.environment = {{"OFFLOADER_SECRET_KEY_BASE_FILE", missing}}});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("OFFLOADER_SECRET_KEY_BASE_FILE: " + missing + ": "));
}

TEST_F(AuditVerify, LastSeqThatIsNoPlainNumber_IsRefused) {
  for (const char* const text : {"x", "", "-1", "+5", "05", "0x5", "5 ", "5.0", "18446744073709551616"}) {
    const Outcome refused = verify({"--last-seq", text});
    EXPECT_EQ(refused.code, 2) << text;
    EXPECT_EQ(refused.out, "") << text;
    EXPECT_THAT(refused.err, HasSubstr("is not a whole number from 0 to 18446744073709551615")) << text;
    EXPECT_THAT(refused.err, HasSubstr("Usage: offloader audit verify")) << text;
  }
  EXPECT_EQ(verify({"--last-seq", "0"}).code, 0);
  EXPECT_EQ(verify({"--last-seq", "18446744073709551615"}).code, 1);
}

}  // namespace
}  // namespace offloader::cli
