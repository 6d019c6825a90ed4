#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

// The `offloader` command (cli.md). `main` only hands over to run().
namespace offloader::cli {

// What a command may touch of the world; passed in, so that tests see all of it.
struct World {
  std::ostream& out;  // results
  std::ostream& err;  // everything else
  std::istream& in;
  std::function<std::optional<std::string>(const std::string&)> environment;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

// Exit codes (cli.md).
inline constexpr int kSuccess = 0;
inline constexpr int kFailed = 1;  // a finding or a failed check
inline constexpr int kUsage = 2;   // unknown flags, bad values

// Runs one command line; `arguments` without the program's name. Blocking. Returns the exit code.
[[nodiscard]] int run(const std::vector<std::string>& arguments, World& world);

// What is written from the commands themselves, and committed: dev/tools/write_cli_reference.cc.
enum class ReferenceFormat { markdown, manual, bash, zsh };
[[nodiscard]] std::string command_reference(ReferenceFormat format);

}  // namespace offloader::cli
