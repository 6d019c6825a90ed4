#include "offloader/credentials/command_output.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace offloader::credentials {
namespace {

namespace fs = std::filesystem;

class CommandOutputTest : public ::testing::Test {
 protected:
  CommandOutputTest() {
    std::string name = ::testing::TempDir() + "offloader-command-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~CommandOutputTest() override { fs::remove_all(folder_); }

  void write_command(const std::string& name, const std::string& script) {
    std::ofstream(folder_ / name) << "#!/bin/sh\n" << script;
    fs::permissions(folder_ / name, fs::perms::owner_all);
  }

  fs::path folder_;
};

TEST_F(CommandOutputTest, Run_CommandFailsHangsOrOverflows_ReturnsNullopt) {
  const FetchLimits soon{std::chrono::steady_clock::now() + std::chrono::milliseconds(400), nullptr};
  write_command("hang", "sleep 600 & wait\n");
  EXPECT_EQ(command_output({(folder_ / "hang").string()}, soon), std::nullopt);
  const FetchLimits later{std::chrono::steady_clock::now() + std::chrono::minutes(2), nullptr};
  write_command("fail", "echo token; exit 1\n");
  EXPECT_EQ(command_output({(folder_ / "fail").string()}, later), std::nullopt);
  write_command("chatter", "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done\n");
  EXPECT_EQ(command_output({(folder_ / "chatter").string()}, later), std::nullopt);
  write_command("good", "cat; echo \"$1\"; echo noise >&2\n");
  EXPECT_EQ(command_output({(folder_ / "good").string(), "x y"}, later), "x y\n");
  EXPECT_EQ(find_command("gcloud", "/nowhere::"), "");
}

}  // namespace
}  // namespace offloader::credentials
