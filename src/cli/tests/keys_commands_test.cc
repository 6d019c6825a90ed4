#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli_scene.h"
#include "offloader/base/crypto.h"

namespace offloader::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// The starter project with a commented keys file.
class KeysCommands : public testing::Test {
 protected:
  KeysCommands() {
    EXPECT_EQ(run_cli({"init", "--out", at("p")}).code, 0);
    write(keys_, kKeys);
  }

  [[nodiscard]] std::string at(const std::string& name) const { return (folder_.path() / name).string(); }
  // Runs `keys ARGUMENTS` on the project.
  [[nodiscard]] Outcome keys(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "keys");
    arguments.insert(arguments.end(), {"--config", at("p")});
    return run_cli(arguments);
  }
  [[nodiscard]] json listed() const { return json::parse(keys({"list", "--json"}).out).at("keys"); }
  [[nodiscard]] std::string after(std::vector<std::string> arguments) const {
    const Outcome done = keys(std::move(arguments));
    EXPECT_EQ(done.code, 0) << done.err;
    return contents(keys_);
  }

  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  }

  TemporaryFolder folder_;
  const fs::path keys_ = folder_.path() / "p/keys/keys.yml";
  const std::string hash_ = to_hex(sha256("first"));
  const std::string kKeys = "# our keys\nkeys:\n  # the app\n  - id: app  # an id\n    hash: \"" + hash_ +
                            "\"  # since May\n    tenant: acme\n    endpoints: [orders]\n    status: active\n"
                            "# the end\n";
};

TEST_F(KeysCommands, CreateAdd_AppendsTheEntryAndKeepsComments) {
  const Outcome made = keys({"create", "--id", "web", "--tenant", "globex", "--endpoints", "orders",
                             "--description", "the site", "--expires-at", "2030-01-01T00:00:00Z",
                             "--allowed-cidrs", "192.0.2.0/24,::1", "--add"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("Added the key web to " + keys_.string()));
  const std::string token = made.out.substr(0, made.out.find('\n'));
  EXPECT_EQ(made.out, token + "\n");
  EXPECT_EQ(contents(keys_),
            kKeys + "  - id: web\n    description: \"the site\"\n    hash: \"" + to_hex(sha256(token)) +
                "\"\n    tenant: \"globex\"\n    endpoints: [orders]\n    status: active\n"
                "    expires_at: \"2030-01-01T00:00:00Z\"\n    allowed_cidrs: [\"192.0.2.0/24\", \"::1\"]\n");
  EXPECT_EQ(run_cli({"validate", "--config", at("p")}).code, 0);
}

TEST_F(KeysCommands, CreateAdd_WouldBeInvalid_ChangesNothing) {
  for (const auto& [flags, message] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--id", "app", "--tenant", "a", "--endpoints", "orders"}, "already has a key with this id"},
           {{"--id", "web", "--tenant", "a", "--endpoints", "order"}, "there is no endpoint with this name"},
           {{"--id", "web", "--endpoints", "orders"}, "has no tenant"}}) {
    std::vector<std::string> line = {"create", "--add"};
    line.insert(line.end(), flags.begin(), flags.end());
    const Outcome refused = keys(line);
    EXPECT_EQ(refused.code, 1);
    EXPECT_EQ(refused.out, "");
    EXPECT_THAT(refused.err, HasSubstr(message));
    EXPECT_EQ(contents(keys_), kKeys);
  }
  EXPECT_EQ(keys({"create", "--add", "--id", "web"}).code, 2) << "no endpoints";
  EXPECT_EQ(keys({"create", "--expires-at", "tomorrow"}).code, 2);
  EXPECT_EQ(keys({"create", "--allowed-cidrs", "office"}).code, 2);
}

TEST_F(KeysCommands, Create_ExpiryInThePastOrBeyondYear9999_IsRefused) {
  const Outcome past = keys({"create", "--expires-at", "2020-01-01T00:00:00Z"});
  EXPECT_EQ(past.code, 2);
  EXPECT_EQ(past.out, "");
  EXPECT_THAT(past.err, HasSubstr("--expires-at is in the past"));
  const Outcome late = keys({"create", "--expires-at", "9999-12-31T23:59:59-14:00"});
  EXPECT_EQ(late.code, 2);
  EXPECT_THAT(late.err, HasSubstr("years 0000 to 9999"));
  EXPECT_EQ(keys({"create", "--not-before", "0000-01-01T00:00:00+14:00"}).code, 2);
  EXPECT_EQ(keys({"create", "--expires-at", "9999-12-31T23:59:59Z"}).code, 0);
}

TEST_F(KeysCommands, CreateAdd_FileOfNoProject_IsCreated) {
  for (const char* name : {"new/keys.yml", "new/keys.ndjson"}) {
    for (const char* id : {"one", "two"}) {
      const Outcome made =
          run_cli({"keys", "create", "--id", id, "--endpoints", "*", "--add", at(name), "--json"});
      ASSERT_EQ(made.code, 0) << made.err;
      const json printed = json::parse(made.out);
      EXPECT_THAT(contents(at(name)), HasSubstr(to_hex(sha256(printed.at("token").get<std::string>()))));
      EXPECT_EQ(printed.at("file"), at(name));
    }
    EXPECT_EQ(json::parse(run_cli({"keys", "list", at(name), "--json"}).out).at("keys").size(), 2U);
    EXPECT_EQ(fs::status(at(name)).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  }
}

TEST_F(KeysCommands, Rotate_MovesTheHashUntilItIsFinished) {
  const Outcome rotated = keys({"rotate", "app"});
  ASSERT_EQ(rotated.code, 0) << rotated.err;
  const std::string token = rotated.out.substr(0, rotated.out.find('\n'));
  const std::string line = "    hash: \"" + hash_ + "\"  # since May\n";
  EXPECT_EQ(contents(keys_), replaced(kKeys, line,
                                      "    hash: \"" + to_hex(sha256(token)) +
                                          "\"  # since May\n    previous_hash: \"" + hash_ + "\"\n"));
  EXPECT_EQ(listed()[0].at("rotating"), true);

  const std::string before = contents(keys_);
  const Outcome again = keys({"rotate", "app"});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.err, HasSubstr("offloader keys rotate app --finish"));
  EXPECT_EQ(again.out, "");
  EXPECT_EQ(contents(keys_), before);

  EXPECT_EQ(after({"rotate", "app", "--finish"}), replaced(kKeys, hash_, to_hex(sha256(token))));
  EXPECT_EQ(keys({"rotate", "app", "--finish"}).code, 1) << "there is nothing to finish";
}

TEST_F(KeysCommands, RotateForce_WhileRotating_EndsTheFirstToken) {
  const std::string second = json::parse(keys({"rotate", "app", "--json"}).out).at("token");
  const std::string third = json::parse(keys({"rotate", "app", "--json", "--force"}).out).at("token");
  const std::string text = contents(keys_);
  EXPECT_THAT(text, Not(HasSubstr(hash_)));
  EXPECT_THAT(text, HasSubstr("previous_hash: \"" + to_hex(sha256(second))));
  EXPECT_THAT(text, HasSubstr("    hash: \"" + to_hex(sha256(third))));
}

TEST_F(KeysCommands, Rotate_RevokedOrExpiredKey_IsRefusedWithWhatToDo) {
  for (const auto& [change, hint] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"revoke", "app"}, "app is revoked, so a new token would not be accepted"},
           {{"expire", "app", "--at", "2020-01-01T00:00:00Z"}, "`offloader keys expire app --at TIME`"}}) {
    write(keys_, kKeys);
    const std::string before = after(change);
    const Outcome refused = keys({"rotate", "app"});
    EXPECT_EQ(refused.code, 1);
    EXPECT_EQ(refused.out, "");
    EXPECT_THAT(refused.err, HasSubstr(hint));
    EXPECT_EQ(contents(keys_), before);
  }
}

TEST_F(KeysCommands, Expire_SaysWhatItDid) {
  EXPECT_EQ(keys({"expire", "app", "--at", "2031-01-01T00:00:00Z"}).err,
            "Set the expiry of app to 2031-01-01T00:00:00Z in " + keys_.string() +
                ". Servers apply the change when they reload the project.\n");
  EXPECT_EQ(keys({"expire", "app", "--at", "never"}).err,
            "Removed the expiry of app in " + keys_.string() +
                ". Servers apply the change when they reload the project.\n");
}

TEST_F(KeysCommands, RevokeAndExpire_ChangeOneField) {
  EXPECT_EQ(after({"revoke", "app"}), replaced(kKeys, "status: active", "status: revoked"));
  EXPECT_EQ(listed()[0].at("status"), "revoked");
  EXPECT_EQ(after({"revoke", "app"}), replaced(kKeys, "status: active", "status: revoked"));
  write(keys_, kKeys);
  EXPECT_EQ(
      after({"expire", "app", "--at", "2020-01-01T00:00:00Z"}),
      replaced(kKeys, "status: active\n", "status: active\n    expires_at: \"2020-01-01T00:00:00Z\"\n"));
  EXPECT_EQ(listed()[0].at("status"), "expired");
  EXPECT_THAT(run_cli({"validate", "--config", at("p")}).out,
              HasSubstr("key_expires at expires_at: the key has expired"));
  EXPECT_EQ(after({"expire", "app", "--at", "never"}), kKeys);
  EXPECT_EQ(keys({"expire", "app", "--at", "soon"}).code, 2);
  EXPECT_THAT(keys({"revoke", "nobody"}).err, HasSubstr("has no key nobody"));
}

TEST_F(KeysCommands, List_Keys_PrintsNoHashOrToken) {
  ASSERT_EQ(keys({"rotate", "app"}).code, 0);
  const Outcome table = keys({"list"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_EQ(table.out,
            "ID   TENANT  ENDPOINTS  STATUS            EXPIRES  DESCRIPTION\n"
            "app  acme    orders     active, rotating  -\n");
  const json key = listed()[0];
  EXPECT_EQ(key, json({{"id", "app"},
                       {"tenant", "acme"},
                       {"endpoints", {"orders"}},
                       {"status", "active"},
                       {"not_before", nullptr},
                       {"expires_at", nullptr},
                       {"rotating", true},
                       {"description", ""}}));
}

TEST_F(KeysCommands, Change_KeepsModeAndFollowsLinks) {
  fs::create_directories(at("p/secret"));
  fs::rename(keys_, at("p/secret/real.yml"));
  fs::create_symlink("../secret/real.yml", keys_);
  fs::permissions(at("p/secret/real.yml"),
                  fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  EXPECT_EQ(after({"revoke", "app"}), replaced(kKeys, "status: active", "status: revoked"));
  EXPECT_TRUE(fs::is_symlink(keys_));
  EXPECT_EQ(fs::status(keys_).permissions(),
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(at("p/secret"))) files += entry.exists() ? 1U : 0U;
  EXPECT_EQ(files, 1U) << "no temporary file is left";
}

TEST_F(KeysCommands, CreateAdd_Findings_NameTheFileInOneWay) {
  const std::string more = "  - {id: b, hash: x, tenant: a, endpoints: [orders], status: active}\n";
  for (const std::string& wrong : {kKeys + more, replaced(kKeys, "[orders]", "[nothing]")}) {
    write(keys_, wrong);
    const Outcome refused =
        keys({"create", "--id", "web", "--tenant", "a", "--endpoints", "orders", "--add"});
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("\nkeys/keys.yml:"));
  }
  write(keys_, kKeys + more);
  EXPECT_THAT(keys({"list"}).err, testing::StartsWith("keys/keys.yml:"));
}

TEST_F(KeysCommands, CreateAdd_LinkToNoFile_IsRefused) {
  fs::remove(keys_);
  fs::create_symlink("nowhere.yml", keys_);
  const Outcome refused =
      run_cli({"keys", "create", "--id", "web", "--endpoints", "*", "--add", keys_.string()});
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.out, "");
  EXPECT_THAT(refused.err, HasSubstr("is a link to a file that does not exist"));
  EXPECT_TRUE(fs::is_symlink(keys_));
  EXPECT_FALSE(fs::exists(keys_));
}

TEST_F(KeysCommands, Change_FormThatItCannotEdit_IsRefused) {
  write(keys_, "keys:\n  - &app {id: app, hash: &h \"" + hash_ +
                   "\", tenant: acme, endpoints: [orders], status: active}\n");
  const std::string before = contents(keys_);
  const Outcome refused = keys({"rotate", "app"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("edit the file by hand"));
  EXPECT_EQ(contents(keys_), before);
  EXPECT_EQ(run_cli({"keys", "revoke", "app", "--config", at("none")}).code, 1);
}

}  // namespace
}  // namespace offloader::cli
